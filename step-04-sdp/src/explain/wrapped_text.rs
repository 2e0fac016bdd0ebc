//! Text in lines of a given width.

/// Breaks `text` into lines of at most `width` characters, each after one of `separators` where it has one.
pub(super) fn wrap<'a>(text: &'a str, width: usize, separators: &[char]) -> Vec<&'a str> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while let Some((end, last)) = rest.char_indices().nth(width.max(1)) {
        // A blank is cut off, so it may be the character that no longer fits.
        let reach = if last == ' ' { end + 1 } else { end };
        let after = rest[..reach].rfind(separators);
        let (line, left) = rest.split_at(after.map_or(end, |at| at + 1));
        lines.push(line.trim_end());
        rest = left.trim_start();
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn a_line_breaks_after_the_last_separator_that_fits() {
        assert_eq!(wrap("one two three", 7, &[' ']), ["one two", "three"]);
        assert_eq!(wrap("one two", 6, &[' ']), ["one", "two"]);
        for separator in [' ', ':', ';', ','] {
            let text = format!("ab{separator}cd");
            assert_eq!(
                wrap(&text, 4, &[' ', ':', ';', ',']),
                [text[..3].trim_end(), "cd"]
            );
        }
    }

    #[test]
    fn a_text_without_a_separator_is_cut_at_the_width() {
        assert_eq!(wrap("üüüüü", 3, &[':']), ["üüü", "üü"]);
        assert_eq!(wrap("a abcdefgh", 5, &[' ']), ["a", "abcde", "fgh"]);
        assert_eq!(wrap("ab", 0, &[' ']), ["a", "b"], "no width is too narrow");
    }

    #[test]
    fn a_text_that_fits_is_one_line_and_blanks_are_none() {
        assert_eq!(wrap("one two", 7, &[' ']), ["one two"]);
        assert_eq!(wrap("abcde", 5, &[' ']), ["abcde"]);
        assert_eq!(wrap("  ", 5, &[' ']), [""; 0]);
    }
}
