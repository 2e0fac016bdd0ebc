//! Where a link leads, and whether it is there.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;
use crate::page::{Link, Page};

/// The anchor of a heading, as mdBook 0.5 makes it (code hosts agree, for Hangul too).
pub(crate) fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    kept.collect()
}

/// The links of `page` that lead nowhere. `pages` holds every page by its path.
pub(crate) fn dead_links(
    root: &Path,
    pages: &HashMap<PathBuf, &Page>,
    page: &Page,
) -> Vec<Failure> {
    let dead = |link: &Link| {
        let what = dead(root, pages, page, &link.target)?;
        Some(page.failure(link.line, format!("dead link `{}`: {what}", link.target)))
    };
    page.links.iter().filter_map(dead).collect()
}

fn dead(root: &Path, pages: &HashMap<PathBuf, &Page>, page: &Page, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, wanted) = match target.split_once('#') {
        Some((file, wanted)) => (file, Some(wanted)),
        None => (target, None),
    };
    let path = match file {
        "" => page.path.clone(),
        file => match normal(&page.folder().join(file)) {
            Some(path) => path,
            None => return Some("it leaves the repository".to_owned()),
        },
    };
    if !root.join(&path).exists() {
        return Some(format!("there is no {}", path.display()));
    }
    let wanted = wanted?;
    match pages.get(&path) {
        Some(page) if page.anchors.contains(wanted) => None,
        Some(_) => Some(format!(
            "no heading of {} has the anchor `{wanted}`",
            path.display()
        )),
        None => Some("only pages of the book have anchors; name the item in words".to_owned()),
    }
}

/// Without `.` and `..`; `None` when it climbs out of the root.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => normal.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !normal.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(normal)
}
