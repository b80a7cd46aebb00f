//! Escapes deceptive characters in log lines, which callers and receivers may send.
//!
//! Control characters would end a line or control a terminal, and bidirectional ones change the displayed order of a
//! line's parts (Unicode Technical Report 36).

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io;

use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};

/// Formatter of the fields of a text log, including the message, with `\u202e` for such a character.
#[derive(Debug, Default)]
pub struct EscapedFields(DefaultFields);

impl<'writer> FormatFields<'writer> for EscapedFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut text = String::new();
        self.0.format_fields(Writer::new(&mut text), fields)?;
        writer.write_str(&escaped(&text))
    }
}

/// Writer of a JSON log, in which such characters occur in strings only. Each write is a line.
#[derive(Debug)]
pub struct EscapedLines<W>(pub W);

impl<W: io::Write> io::Write for EscapedLines<W> {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(lines);
        for line in text.split_inclusive('\n') {
            let content = line.strip_suffix('\n');
            self.0.write_all(escaped(content.unwrap_or(line)).as_bytes())?;
            if content.is_some() {
                self.0.write_all(b"\n")?;
            }
        }
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_deceptive(character) {
            // All of them are in the basic multilingual plane, so that JSON's escape has four digits.
            _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Returns whether a character is a control (Cc), a line or paragraph separator, or in Unicode's `Bidi_Control`.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;
    use tracing_subscriber::fmt;

    use super::*;

    const HOSTILE: &str = "a\n2026 ERROR forged\r\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{2066}\u{200f}\u{2028}z";

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn log_it() {
        tracing::info!(value = HOSTILE, shown = %HOSTILE, seen = ?HOSTILE, "message {HOSTILE}");
    }

    fn assert_one_line(text: &str) {
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
        let raw = ['\r', '\u{1b}', '\u{7f}', '\u{9b}', '\u{200f}', '\u{2028}', '\u{202e}', '\u{2066}'];
        assert!(!text.contains(raw), "{text:?}");
    }

    #[test]
    fn a_text_line_stays_one_line_whatever_is_logged() {
        let written = Written::default();
        let out = written.clone();
        let log = fmt().with_ansi(false).fmt_fields(EscapedFields::default()).with_writer(move || out.clone());
        with_default(log.finish(), log_it);
        assert_one_line(&written.text());
        assert!(written.text().contains(r"a\u000a2026 ERROR forged\u000d\u001b[31m"), "{}", written.text());
    }

    #[test]
    fn a_json_line_stays_one_line_and_says_the_same() {
        let written = Written::default();
        let out = written.clone();
        let log = fmt().json().flatten_event(true).with_writer(move || EscapedLines(out.clone()));
        with_default(log.finish(), log_it);
        assert_one_line(&written.text());
        let line: serde_json::Value = serde_json::from_str(&written.text()).unwrap();
        assert_eq!((line["value"].as_str(), line["shown"].as_str()), (Some(HOSTILE), Some(HOSTILE)));
        assert_eq!(line["message"], format!("message {HOSTILE}"));
    }
}
