//! Texts for people: names, descriptions and contacts.

use serde::Deserialize;

/// A text of at most `MAX` characters without control characters, trimmed; with line breaks only if it has `LINES`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Note<const MAX: usize, const LINES: bool = false>(String);

impl<const MAX: usize, const LINES: bool> Note<MAX, LINES> {
    /// Returns the text; `None` if it is blank.
    pub(super) fn text(self) -> Option<String> {
        (!self.0.is_empty()).then_some(self.0)
    }
}

impl<const MAX: usize, const LINES: bool> TryFrom<String> for Note<MAX, LINES> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.trim();
        let is_allowed = |it: char| !it.is_control() || (LINES && it == '\n');
        let text = if LINES { text.replace("\r\n", "\n") } else { text.to_owned() };
        if let Some((index, character)) = text.chars().enumerate().find(|(_, it)| !is_allowed(*it)) {
            let (code, position) = (u32::from(character), index + 1);
            return Err(format!("character {position} is the control character U+{code:04X}; remove it"));
        }
        match text.chars().count() {
            characters if characters > MAX => {
                Err(format!("the text has {characters} characters; at most {MAX} are allowed"))
            }
            _ => Ok(Self(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<Option<String>, String> {
        Note::<5>::try_from(text.to_owned()).map(Note::text)
    }

    #[test]
    fn a_note_is_trimmed_and_a_blank_one_is_none() {
        assert_eq!((line("  ab c "), line(" \n "), line("")), (Ok(Some("ab c".to_owned())), Ok(None), Ok(None)));
        assert_eq!(line("äöüßé"), Ok(Some("äöüßé".to_owned())), "characters, not bytes");
        assert_eq!(line("abcdef"), Err("the text has 6 characters; at most 5 are allowed".to_owned()));
    }

    #[test]
    fn only_a_description_has_lines_and_no_note_has_other_control_characters() {
        let lines = |text: &str| Note::<5, true>::try_from(text.to_owned()).map(Note::text);
        assert_eq!(lines("a\r\nb"), Ok(Some("a\nb".to_owned())));
        assert_eq!(line("a\nb"), Err("character 2 is the control character U+000A; remove it".to_owned()));
        assert_eq!(lines("a\u{7}"), Err("character 2 is the control character U+0007; remove it".to_owned()));
    }
}
