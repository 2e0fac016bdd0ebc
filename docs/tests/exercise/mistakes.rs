//! The mistakes of `docs/tests/mistakes/`, all of them in one build.
//!
//! Each file of the exercise gets the solution's text, and each function with mistakes chooses its body by the variable
//! `MISTAKE`: one build and one program for all mistakes of a step.

use std::ops::Range;
use std::path::Path;

use syn::spanned::Spanned;
use syn::{ImplItem, Item};

use super::{Exercise, read, workspace};

/// What somebody might write in the place of a function's body, or of a part of it.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// The value of `MISTAKE`.
    pub(crate) name: String,
    pub(crate) what: String,
    /// The name of the file in `src/exercise/`.
    pub(crate) file: String,
    pub(crate) function: String,
    /// The lines of the solution that are replaced, without their margins; none for the whole body.
    removed: Vec<String>,
    added: Vec<String>,
}

impl Mistake {
    /// Reads `docs/tests/mistakes/STEP.txt`:
    ///
    /// ```text
    /// = FILE FUNCTION: what is wrong
    /// -a line of the solution
    /// +a line in its place
    /// ```
    pub(crate) fn all(step: &str) -> Vec<Mistake> {
        let path = workspace().join(format!("docs/tests/mistakes/{step}.txt"));
        let mut mistakes: Vec<Mistake> = Vec::new();
        for line in read(&path).lines() {
            let line_of = |text: &str| text.trim().to_owned();
            if let Some(heading) = line.strip_prefix("= ") {
                let (place, what) = heading.split_once(": ").expect("a heading has a colon");
                let (file, function) = place.split_once(' ').expect("a file and a function");
                mistakes.push(Mistake {
                    name: format!("{step}/{}", mistakes.len() + 1),
                    what: what.to_owned(),
                    file: file.to_owned(),
                    function: function.to_owned(),
                    removed: Vec::new(),
                    added: Vec::new(),
                });
            } else if let Some(mistake) = mistakes.last_mut() {
                match line.split_at_checked(1) {
                    Some(("-", text)) => mistake.removed.push(line_of(text)),
                    Some(("+", text)) => mistake.added.push(line_of(text)),
                    _ => {}
                }
            }
        }
        mistakes
    }

    /// The exercise on its way: the functions before one are right, and that one and the later ones are not written.
    pub(crate) fn unwritten(exercise: &Exercise) -> Vec<Mistake> {
        let functions = exercise.functions();
        let numbered = functions.into_iter().enumerate();
        let unwritten = numbered.map(|(at, (function, file))| Mistake {
            name: format!("{}/unwritten/{at}", exercise.step),
            what: "it is not written yet, as those after it".to_owned(),
            file,
            function,
            removed: Vec::new(),
            added: Vec::new(),
        });
        unwritten.collect()
    }

    /// The body of the solution with this mistake in it.
    fn in_body(&self, body: &str) -> String {
        let added = self.added.join("\n");
        if self.removed.is_empty() {
            return format!("{{ {added} }}");
        }
        let lines: Vec<&str> = body.lines().collect();
        let mut places = lines.windows(self.removed.len()).enumerate();
        let same = |part: &[&str]| part.iter().map(|it| it.trim()).eq(self.removed.iter());
        let place = places.find_map(|(at, part)| same(part).then_some(at));
        let place = place.unwrap_or_else(|| {
            panic!(
                "{}: {} of {} has no such lines any more:\n{}",
                self.name,
                self.function,
                self.file,
                self.removed.join("\n")
            )
        });
        let (before, after) = (&lines[..place], &lines[place + self.removed.len()..]);
        format!("{}\n{added}\n{}", before.join("\n"), after.join("\n"))
    }
}

/// Puts the solutions of a step into the places of its starters in `copy`, each with all its mistakes.
pub(crate) fn write_switches(exercise: &Exercise, mistakes: &[Mistake], copy: &Path) {
    let functions = exercise.functions();
    for starter in &exercise.starters {
        let mut source = read(&workspace().join(&starter.solution));
        let of_file = |it: &&Mistake| starter.file.ends_with(&format!("/{}", it.file));
        let mistakes: Vec<&Mistake> = mistakes.iter().filter(of_file).collect();
        // From the end of the file, so that the earlier places stay what they are.
        let mut bodies = bodies(&source);
        bodies.reverse();
        let mut known = 0;
        for (function, place) in bodies {
            let here: Vec<_> = mistakes
                .iter()
                .filter(|it| it.function == function)
                .collect();
            known += here.len();
            if here.is_empty() {
                continue;
            }
            let body = source[place.clone()].to_owned();
            let mut arms: String = here
                .iter()
                .map(|it| format!("Ok({:?}) => {}\n", it.name, it.in_body(&body)))
                .collect();
            if let Some(at) = functions.iter().position(|(name, _)| *name == function) {
                let names =
                    (0..=at).map(|at| format!("{:?}", format!("{}/unwritten/{at}", exercise.step)));
                let names = names.collect::<Vec<_>>().join(" | ");
                arms.push_str(&format!("Ok({names}) => todo!(\"{function}\"),\n"));
            }
            if arms.is_empty() {
                continue;
            }
            let switch = format!(
                "{{ match std::env::var(\"MISTAKE\").as_deref() {{ {arms} _ => {body} }} }}"
            );
            source.replace_range(place, &switch);
        }
        assert_eq!(
            known,
            mistakes.len(),
            "{}: a mistake names no function of it",
            starter.file
        );
        let path = copy.join(&starter.file);
        if std::fs::read_to_string(&path).is_ok_and(|there| there == source) {
            continue;
        }
        let written = std::fs::write(&path, source);
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// The bodies of all functions, with their names.
fn bodies(source: &str) -> Vec<(String, Range<usize>)> {
    let file = syn::parse_file(source).expect("a solution is Rust");
    let mut bodies = Vec::new();
    for item in file.items {
        match item {
            Item::Fn(function) => {
                let name = function.sig.ident.to_string();
                bodies.push((name, function.block.span().byte_range()));
            }
            Item::Impl(block) => {
                let syn::Type::Path(owner) = &*block.self_ty else {
                    continue;
                };
                let owner = owner.path.segments.last().map(|it| it.ident.to_string());
                for item in &block.items {
                    if let ImplItem::Fn(function) = item {
                        let name = &function.sig.ident;
                        let name = format!("{}::{name}", owner.clone().unwrap_or_default());
                        bodies.push((name, function.block.span().byte_range()));
                    }
                }
            }
            _ => {}
        }
    }
    bodies
}
