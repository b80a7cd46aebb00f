//! A history: records and where each was read.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::record::Record;

/// Place of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The file, if it came from one.
    file: Option<Arc<str>>,
    /// Its line, from 1.
    line: usize,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file}:{}", self.line),
            None => write!(f, "line {}", self.line),
        }
    }
}

impl Source {
    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}

/// The records of a run. They may come in any order; of one instance, changes come in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct History {
    entries: Vec<(Source, Record)>,
}

/// Why a file is no history.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {error}")]
pub struct ReadError {
    place: Source,
    error: serde_json::Error,
}

impl History {
    /// Adds a record; its line is its position.
    pub fn push(&mut self, record: Record) {
        let line = self.entries.len() + 1;
        self.entries.push((Source { file: None, line }, record));
    }

    /// Adds the records of JSON lines. Empty lines are skipped.
    ///
    /// # Errors
    /// [`ReadError`] names the first line that is no record.
    pub fn read(&mut self, file: &str, lines: &str) -> Result<(), ReadError> {
        let file: Arc<str> = file.into();
        for (index, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = Source { file: Some(file.clone()), line: index + 1 };
            match serde_json::from_str(line) {
                Ok(record) => self.entries.push((place, record)),
                Err(error) => return Err(ReadError { place, error }),
            }
        }
        Ok(())
    }

    /// Returns the records as JSON lines.
    ///
    /// # Errors
    /// When a value cannot be written as JSON, which none of these is.
    pub fn to_json_lines(&self) -> Result<String, serde_json::Error> {
        let lines: Result<Vec<_>, _> = self.records().map(serde_json::to_string).collect();
        Ok(lines?.iter().map(|line| format!("{line}\n")).collect())
    }

    /// The records, in the order in which they were added.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.entries.iter().map(|(_, record)| record)
    }

    /// Returns the records of one kind, with their sources.
    pub(crate) fn of_kind<'h, T>(&'h self, kind: impl Fn(&'h Record) -> Option<&'h T>) -> Vec<Line<'h, T>> {
        let lines = self.entries.iter().enumerate();
        lines
            .filter_map(|(order, (source, record))| kind(record).map(|record| Line { order, source, record }))
            .collect()
    }
}

impl Extend<Record> for History {
    fn extend<I: IntoIterator<Item = Record>>(&mut self, records: I) {
        records.into_iter().for_each(|record| self.push(record));
    }
}

/// A record of one kind and its source.
#[derive(Debug)]
pub(crate) struct Line<'h, T> {
    /// Position among all records.
    pub(crate) order: usize,
    pub(crate) source: &'h Source,
    record: &'h T,
}

impl<'h, T> Line<'h, T> {
    /// The record, for as long as the history lives.
    pub(crate) fn record(&self) -> &'h T {
        self.record
    }
}

impl<T> Clone for Line<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Line<'_, T> {}

impl<T> Deref for Line<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.record
    }
}
