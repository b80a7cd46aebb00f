//! Truncation of foreign texts for display. Pure.

use std::borrow::Cow;

/// Returns the beginning of a text, with an ellipsis in place of the characters beyond the limit.
pub fn cut(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Returns beginning and end of a text, with an ellipsis in place of the middle if it has more characters than the
/// limit.
pub fn without_middle(text: &str, characters: usize) -> Cow<'_, str> {
    let half = characters / 2;
    if text.chars().nth(characters).is_none() {
        return Cow::Borrowed(text);
    }
    let end = text.char_indices().nth_back(half.saturating_sub(1)).map_or("", |(end, _)| &text[end..]);
    Cow::Owned(cut(text, half).into_owned() + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "abc…");
        assert_eq!(cut("äöü", 2), "äö…");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn what_is_left_of_a_long_text_is_its_beginning_and_its_end() {
        assert_eq!(without_middle("abcdef", 6), "abcdef");
        assert_eq!(without_middle("äbcdefgö", 6), "äbc…fgö");
    }
}
