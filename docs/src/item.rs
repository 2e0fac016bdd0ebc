//! Items of a Rust file, by name.

use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{ImplItem, Item, TraitItem};

/// The text of the item called `name`, with its documentation and attributes, moved to the left margin.
///
/// Names: `candidate_message`, `Trickle`, `Trickle::receive`, `Enum::Variant`, `module::item`,
/// `impl Display for Lesson`, `impl Trickle`. Several, with commas, are put one below the other.
///
/// # Errors
/// A sentence for the reader of the check: no such item, or more than one.
pub(crate) fn items(source: &str, names: &str) -> Result<String, String> {
    let file = syn::parse_file(source).map_err(|error| format!("is not Rust: {error}"))?;
    let mut found = Names::default();
    found.items("", &file.items);
    let texts = names.split(',').map(|name| found.text(source, name.trim()));
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join("\n\n"))
}

#[derive(Default)]
struct Names(Vec<(String, Range<usize>)>);

impl Names {
    fn text(&self, source: &str, name: &str) -> Result<String, String> {
        let found: Vec<_> = self.0.iter().filter(|(known, _)| known == name).collect();
        match found[..] {
            [(_, range)] => Ok(margin(source, range)),
            [] => Err(format!("has no item `{name}`")),
            _ => Err(format!("has {} items `{name}`", found.len())),
        }
    }

    fn add(&mut self, name: String, span: Span) {
        self.0.push((name, span.byte_range()));
    }

    fn items(&mut self, prefix: &str, items: &[Item]) {
        for item in items {
            let span = item.span();
            let name = match item {
                Item::Fn(it) => &it.sig.ident,
                Item::Struct(it) => &it.ident,
                Item::Const(it) => &it.ident,
                Item::Static(it) => &it.ident,
                Item::Type(it) => &it.ident,
                Item::Union(it) => &it.ident,
                Item::Enum(it) => {
                    for variant in &it.variants {
                        self.add(
                            format!("{prefix}{}::{}", it.ident, variant.ident),
                            variant.span(),
                        );
                    }
                    &it.ident
                }
                Item::Trait(it) => {
                    self.trait_items(&format!("{prefix}{}::", it.ident), &it.items);
                    &it.ident
                }
                Item::Mod(it) => {
                    if let Some((_, inner)) = &it.content {
                        self.items(&format!("{prefix}{}::", it.ident), inner);
                    }
                    &it.ident
                }
                Item::Impl(it) => {
                    self.implementation(prefix, it);
                    continue;
                }
                Item::Macro(it) => match &it.ident {
                    Some(ident) => ident,
                    None => continue,
                },
                _ => continue,
            };
            self.add(format!("{prefix}{name}"), span);
        }
    }

    fn implementation(&mut self, prefix: &str, it: &syn::ItemImpl) {
        let syn::Type::Path(path) = &*it.self_ty else {
            return;
        };
        let Some(owner) = last(&path.path) else {
            return;
        };
        let whole = match it
            .trait_
            .as_ref()
            .and_then(|implemented| last(&implemented.0))
        {
            Some(name) => format!("impl {name} for {prefix}{owner}"),
            None => format!("impl {prefix}{owner}"),
        };
        self.add(whole, it.span());
        for inner in &it.items {
            let name = match inner {
                ImplItem::Fn(it) => &it.sig.ident,
                ImplItem::Const(it) => &it.ident,
                ImplItem::Type(it) => &it.ident,
                _ => continue,
            };
            self.add(format!("{prefix}{owner}::{name}"), inner.span());
        }
    }

    fn trait_items(&mut self, prefix: &str, items: &[TraitItem]) {
        for item in items {
            let name = match item {
                TraitItem::Fn(it) => &it.sig.ident,
                TraitItem::Const(it) => &it.ident,
                TraitItem::Type(it) => &it.ident,
                _ => continue,
            };
            self.add(format!("{prefix}{name}"), item.span());
        }
    }
}

fn last(path: &syn::Path) -> Option<String> {
    Some(path.segments.last()?.ident.to_string())
}

/// The item from the start of its line, without the indentation of that line.
fn margin(source: &str, range: &Range<usize>) -> String {
    let start = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &source[start..range.start];
    let lines = source[start..range.end].lines();
    let lines = lines.map(|line| line.strip_prefix(indent).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}
