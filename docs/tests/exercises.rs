//! The exercise of each step has the shape of its solution: only the bodies of some functions are missing.

mod exercise;

use std::collections::BTreeSet;
use std::fs;

use exercise::{Exercise, Starter, read, workspace};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Block, Expr, File, ImplItem, Item, LitStr, Stmt};

/// The points of a stage, no fewer and no more.
const FUNCTIONS: std::ops::RangeInclusive<usize> = 2..=4;

/// An item of a file, or a function inside of an `impl`.
struct Part {
    /// All but documentation, `allow` attributes and the body.
    shape: String,
    has_docs: bool,
    body: Option<Block>,
}

impl Part {
    fn of_file(path: &str) -> Vec<Part> {
        let file: Result<File, _> = syn::parse_file(&read(&workspace().join(path)));
        let file = file.unwrap_or_else(|error| panic!("{path}: {error}"));
        file.items.into_iter().flat_map(Part::of_item).collect()
    }

    fn of_item(item: Item) -> Vec<Part> {
        match item {
            Item::Fn(function) => {
                let (attrs, vis, sig) = (&function.attrs, &function.vis, &function.sig);
                vec![Part::function(attrs, vis, sig, *function.block)]
            }
            Item::Impl(mut block) => {
                let inner = std::mem::take(&mut block.items);
                let mut parts = vec![Part::whole(&block)];
                parts.extend(inner.into_iter().map(|item| match item {
                    ImplItem::Fn(f) => Part::function(&f.attrs, &f.vis, &f.sig, f.block),
                    other => Part::whole(&other),
                }));
                parts
            }
            other => vec![Part::whole(&other)],
        }
    }

    fn function(
        attributes: &[syn::Attribute],
        visibility: &syn::Visibility,
        signature: &syn::Signature,
        body: Block,
    ) -> Part {
        let mut tokens = TokenStream::new();
        for attribute in attributes {
            attribute.to_tokens(&mut tokens);
        }
        visibility.to_tokens(&mut tokens);
        signature.to_tokens(&mut tokens);
        Part {
            shape: shape(tokens),
            has_docs: attributes.iter().any(|it| it.path().is_ident("doc")),
            body: Some(body),
        }
    }

    fn whole(item: &impl ToTokens) -> Part {
        Part {
            shape: shape(item.to_token_stream()),
            has_docs: false,
            body: None,
        }
    }

    fn body(&self) -> String {
        self.body.to_token_stream().to_string()
    }

    /// The message of a body that ends in `todo!("…")`. Lines before it are given to the reader.
    fn todo(&self) -> Option<String> {
        let last = match &self.body.as_ref()?.stmts[..] {
            [.., Stmt::Macro(last)] => &last.mac,
            [.., Stmt::Expr(Expr::Macro(last), None)] => &last.mac,
            _ => return None,
        };
        let message: Option<LitStr> = last.parse_body().ok();
        message
            .filter(|_| last.path.is_ident("todo"))
            .map(|message| message.value())
    }
}

/// The text of an item without what may differ at any depth: `#[doc = …]`, `#[allow(…)]`.
fn shape(tokens: TokenStream) -> String {
    let mut words = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                let attribute = tokens.peek().map(ToString::to_string).unwrap_or_default();
                let may_differ = ["doc", "allow"].map(|name| format!("[{name}"));
                if may_differ.iter().any(|start| attribute.starts_with(start)) {
                    tokens.next();
                } else {
                    words.push("#".to_owned());
                }
            }
            TokenTree::Group(group) => {
                let inner = shape(group.stream());
                words.push(match group.delimiter() {
                    Delimiter::Parenthesis => format!("({inner})"),
                    Delimiter::Bracket => format!("[{inner}]"),
                    Delimiter::Brace => format!("{{{inner}}}"),
                    Delimiter::None => inner,
                });
            }
            other => words.push(other.to_string()),
        }
    }
    words.join(" ")
}

/// Every starter with the functions that its reader writes.
fn compared(exercise: &Exercise) -> Vec<(&Starter, Vec<Part>)> {
    let mut compared = Vec::new();
    for starter in &exercise.starters {
        let parts = Part::of_file(&starter.file);
        let solved = Part::of_file(&starter.solution);
        assert_same_shape(starter, &parts, &solved);
        let missing = parts.into_iter().zip(&solved);
        let missing = missing.filter(|(part, solved)| part.body() != solved.body());
        compared.push((starter, missing.map(|(part, _)| part).collect()));
    }
    compared
}

fn assert_same_shape(starter: &Starter, parts: &[Part], solved: &[Part]) {
    let Starter { file, solution } = starter;
    for (part, solved) in parts.iter().zip(solved) {
        assert_eq!(
            part.shape, solved.shape,
            "{file} (left) must have the items of {solution} (right) in the same order, `use` lines included"
        );
    }
    assert_eq!(
        parts.len(),
        solved.len(),
        "{file} (left) must have as many items as {solution} (right)"
    );
}

#[test]
fn a_starter_has_the_items_of_its_solution_and_lacks_two_to_four_bodies() {
    for exercise in Exercise::all() {
        let starters = compared(&exercise);
        let missing: usize = starters.iter().map(|(_, missing)| missing.len()).sum();
        assert!(
            starters.is_empty() || FUNCTIONS.contains(&missing),
            "{}: the points of a stage are {FUNCTIONS:?} functions, not {missing}",
            exercise.step
        );
    }
}

#[test]
fn each_missing_body_is_a_todo_with_its_number_its_task_and_a_file_to_read() {
    for exercise in Exercise::all() {
        for (Starter { file, .. }, missing) in compared(&exercise) {
            for part in missing {
                let name = format!("{file}: {}", part.shape);
                assert!(part.has_docs, "{name}: the doc comment is the assignment");
                let todo = part.todo().unwrap_or_else(|| {
                    panic!(
                        "{name}: the body must end in todo!(\"NUMBER what is missing; see FILE\")"
                    )
                });
                let mut start = todo.chars();
                let number = [start.next(), start.next(), start.next()];
                assert!(
                    matches!(number, [Some('1' | '2'), Some('-'), Some('1'..='5')]),
                    "{name}: `{todo}` must begin with the number of the note, 1-1 to 2-5"
                );
                let (_, see) = todo.rsplit_once("; see ").unwrap_or_default();
                assert!(
                    workspace().join(see).is_file(),
                    "{name}: `{todo}` must end with `; see FILE`, a file of the workspace"
                );
            }
        }
    }
}

#[test]
fn every_file_in_the_folder_of_the_exercise_is_taken_by_a_module() {
    for exercise in Exercise::all() {
        let taken: BTreeSet<&str> = exercise.starters.iter().map(|it| &it.file[..]).collect();
        assert!(
            !taken.is_empty(),
            "{0}/src/lib.rs: no module has #[cfg_attr(feature = \"exercise\", path = \"exercise/NAME.rs\")]",
            exercise.step
        );
        let folder = format!("{}/src/exercise", exercise.step);
        for entry in fs::read_dir(workspace().join(&folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(
                taken.contains(&format!("{folder}/{name}")[..]),
                "{0}/src/lib.rs: `mod` {name} needs #[cfg_attr(feature = \"exercise\", path = \"exercise/{name}\")]",
                exercise.step
            );
        }
        for Starter { file, solution } in &exercise.starters {
            let (name, wanted) = (file.rsplit('/').next(), solution.rsplit('/').next());
            assert!(name == wanted, "{file} must have the name of {solution}");
        }
    }
}
