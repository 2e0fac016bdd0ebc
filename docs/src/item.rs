//! Items of a Rust file, by name.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::{ImplItem, Item};

use crate::excerpt::margin;

/// The text of the items called `names`, one below the other, with their documentation and attributes.
///
/// Names: `candidate_message`, `Trickle`, `Trickle::receive`, `impl Display for Lesson`, `impl Trickle`.
///
/// # Errors
/// A sentence for the reader of the check: no such item, or more than one.
pub(crate) fn items(source: &str, names: &str) -> Result<String, String> {
    let file = syn::parse_file(source).map_err(|error| format!("is not Rust: {error}"))?;
    let known: Vec<_> = file.items.iter().flat_map(named).collect();
    let text = |name: &str| {
        let found: Vec<_> = known.iter().filter(|(known, _)| known == name).collect();
        match found[..] {
            [(_, range)] => Ok(whole_lines(source, range)),
            [] => Err(format!("has no item `{name}`")),
            _ => Err(format!("has {} items `{name}`", found.len())),
        }
    };
    let texts = names.split(',').map(|name| text(name.trim()));
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join("\n\n"))
}

/// The names in an item, each with its place in the source.
fn named(item: &Item) -> Vec<(String, Range<usize>)> {
    let name = match item {
        Item::Fn(it) => &it.sig.ident,
        Item::Struct(it) => &it.ident,
        Item::Enum(it) => &it.ident,
        Item::Trait(it) => &it.ident,
        Item::Type(it) => &it.ident,
        Item::Const(it) => &it.ident,
        Item::Static(it) => &it.ident,
        Item::Impl(it) => return named_in(it),
        _ => return Vec::new(),
    };
    vec![(name.to_string(), item.span().byte_range())]
}

fn named_in(it: &syn::ItemImpl) -> Vec<(String, Range<usize>)> {
    let last = |path: &syn::Path| Some(path.segments.last()?.ident.to_string());
    let owner = match &*it.self_ty {
        syn::Type::Path(of) => last(&of.path).unwrap_or_default(),
        _ => return Vec::new(),
    };
    let whole = match it.trait_.as_ref().and_then(|of| last(&of.0)) {
        Some(name) => format!("impl {name} for {owner}"),
        None => format!("impl {owner}"),
    };
    let mut named = vec![(whole, it.span().byte_range())];
    for inner in &it.items {
        if let ImplItem::Fn(method) = inner {
            let name = format!("{owner}::{}", method.sig.ident);
            named.push((name, inner.span().byte_range()));
        }
    }
    named
}

fn whole_lines(source: &str, range: &Range<usize>) -> String {
    let start = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
    margin(&source[start..range.end])
}
