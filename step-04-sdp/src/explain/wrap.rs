//! Text in lines of a given width.

/// Breaks `text` at blanks into lines of at most `width` characters; a longer word is cut.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let characters: Vec<char> = word.chars().collect();
        for piece in characters.chunks(width.max(1)) {
            if length > 0 && length + 1 + piece.len() > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.extend(piece);
            length += piece.len();
        }
    }
    if length > 0 {
        lines.push(line);
    }
    lines
}

/// Cuts `text` into pieces of at most `width` characters, each behind a blank or a `:`, `;` or `,` where it has one:
/// all of it is kept, so that the pieces put together are `text` again.
pub(super) fn cut(text: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(width.max(1)) {
        let behind = rest[..end].rfind([' ', ':', ';', ',']);
        let (piece, left) = rest.split_at(behind.map_or(end, |at| at + 1));
        pieces.push(piece);
        rest = left;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{cut, wrap};

    #[test]
    fn a_long_line_is_cut_behind_a_separator_and_loses_nothing() {
        assert_eq!(cut("AA:BB:CC", 7), ["AA:BB:", "CC"]);
        assert_eq!(cut("üüüüü", 3), ["üüü", "üü"]);
        assert_eq!(cut("", 3), [""; 0]);
        assert_eq!(cut("ab", 0), ["a", "b"], "no width is too narrow");
    }

    #[test]
    fn a_line_that_is_just_full_is_whole() {
        assert_eq!(cut("AA:BB", 5), ["AA:BB"]);
        assert_eq!(wrap("one two", 7), ["one two"]);
        assert_eq!(wrap("abcde", 5), ["abcde"]);
        assert_eq!(wrap("one two", 6), ["one", "two"]);
    }

    #[test]
    fn each_kind_of_separator_ends_a_piece() {
        for separator in [' ', ':', ';', ','] {
            let text = format!("ab{separator}cd");
            assert_eq!(cut(&text, 4), [&text[..3], "cd"]);
        }
    }

    #[test]
    fn no_words_make_no_lines() {
        assert_eq!(wrap("  ", 5), [""; 0]);
        assert_eq!(wrap("ab c", 0), ["a", "b", "c"]);
    }

    #[test]
    fn a_line_breaks_before_the_word_that_does_not_fit() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    }

    #[test]
    fn a_word_longer_than_the_line_is_cut() {
        assert_eq!(wrap("a abcdefgh", 5), ["a", "abcde", "fgh"]);
    }
}
