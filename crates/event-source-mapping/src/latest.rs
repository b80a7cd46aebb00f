//! The latest records of a stream, for those who want to look at them without a function.
//!
//! A stream can only be read forwards, so that its newest shards are read from their beginnings, and the ones that they
//! continue only if there are too few records. Of a table that changes too often for that, the records that come
//! meanwhile are the latest.

use super::{
    record::Record,
    stream::{From, ReadError, Shard, Stream},
};
use jiff::Timestamp;
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};

/// Longest time for reading the records that came meanwhile.
const MEANWHILE: Duration = Duration::from_secs(2);

/// Number of empty pages in a row that is the end of an open shard: "it might take multiple calls to get to a portion of
/// the shard that contains stream records" (API reference, `GetRecords`).
const EMPTY_PAGES: u32 = 10;

/// The latest records of a stream.
#[derive(Debug)]
pub struct Latest<T> {
    /// What was made of each record, sorted by their times, to the second; of a shard in its order.
    pub records: Vec<T>,
    /// Whether the stream was read to its end. If not, the records are those that came while it was read.
    pub complete: bool,
}

/// What is made of a record, in the form that Lambda sends; `None` for a record that does not count.
type Make<T> = Arc<dyn Fn(&str) -> Option<T> + Send + Sync>;

/// What was read of a shard.
struct Part<T> {
    shard: Shard,
    /// Time of the shard's first record.
    first: Option<Timestamp>,
    last: VecDeque<(Timestamp, T)>,
    /// Iterator for what comes after the beginning of the reading.
    meanwhile: Option<String>,
    complete: bool,
}

impl Stream {
    /// Returns the last `most` records that count: those of which `make` makes something.
    ///
    /// Reads until `until`, and for at most two seconds more if the end is not reached by then.
    ///
    /// # Errors
    /// [`ReadError::Gone`] if there is no such stream, [`ReadError::Unavailable`] if the engine does not respond.
    pub async fn latest<T: Send + 'static>(
        &self,
        most: usize,
        until: Instant,
        make: impl Fn(&str) -> Option<T> + Send + Sync + 'static,
    ) -> Result<Latest<T>, ReadError> {
        let make: Make<T> = Arc::new(make);
        let shards = self.shards().await?;
        let continued: HashSet<&str> = shards.iter().filter_map(|shard| shard.parent.as_deref()).collect();
        let mut next: Vec<Shard> = shards.iter().filter(|it| !continued.contains(it.id.as_str())).cloned().collect();
        let (mut parts, mut meanwhile) = (Vec::new(), Vec::new());
        while !next.is_empty() {
            let mut read = self.parts(next, most, until, &make).await?;
            for part in &mut read {
                meanwhile.extend(part.meanwhile.take().map(|iterator| (part.shard.clone(), iterator)));
            }
            if read.iter().any(|part| !part.complete) {
                let parts = self.came_meanwhile(meanwhile, most, Instant::now() + MEANWHILE, &make).await?;
                return Ok(Latest { records: last(parts, most), complete: false });
            }
            parts.extend(read);
            next = parents(&parts, &shards, most);
        }
        Ok(Latest { records: last(parts, most), complete: true })
    }

    /// Reads shards from their beginnings, all at the same time.
    async fn parts<T: Send + 'static>(
        &self,
        shards: Vec<Shard>,
        most: usize,
        until: Instant,
        make: &Make<T>,
    ) -> Result<Vec<Part<T>>, ReadError> {
        let mut tasks = JoinSet::new();
        for shard in shards {
            let (stream, make) = (self.clone(), Arc::clone(make));
            tasks.spawn(async move {
                let (meanwhile, oldest) = match stream.iterator(&shard.id, &From::Latest).await {
                    Ok(meanwhile) => (meanwhile, stream.iterator(&shard.id, &From::Oldest).await?),
                    // Its last record has become a day old since the shards were listed.
                    Err(ReadError::Gone) => return Ok(Part { complete: true, ..Part::of(shard) }),
                    Err(error) => return Err(error),
                };
                let part = stream.part(shard, oldest, (most, until), &make).await?;
                Ok(Part { meanwhile: Some(meanwhile), ..part })
            });
        }
        collected(tasks).await
    }

    async fn came_meanwhile<T: Send + 'static>(
        &self,
        iterators: Vec<(Shard, String)>,
        most: usize,
        until: Instant,
        make: &Make<T>,
    ) -> Result<Vec<Part<T>>, ReadError> {
        let mut tasks = JoinSet::new();
        for (shard, iterator) in iterators {
            let (stream, make) = (self.clone(), Arc::clone(make));
            tasks.spawn(async move { stream.part(shard, iterator, (most, until), &make).await });
        }
        collected(tasks).await
    }

    /// Reads a shard from an iterator on.
    async fn part<T>(
        &self,
        shard: Shard,
        mut iterator: String,
        (most, until): (usize, Instant),
        make: &Make<T>,
    ) -> Result<Part<T>, ReadError> {
        let mut part = Part::of(shard);
        let mut empty_pages = 0;
        while Instant::now() < until && !part.complete {
            let page = match self.page(&iterator).await {
                Ok(page) => page,
                Err(ReadError::Trimmed | ReadError::Expired) => {
                    iterator = self.iterator(&part.shard.id, &From::Oldest).await?;
                    part = Part::of(part.shard);
                    continue;
                }
                Err(error) => return Err(error),
            };
            empty_pages = if page.records.is_empty() { empty_pages + 1 } else { 0 };
            part.add(page.records, most, make);
            part.complete = page.next.is_none() || empty_pages == EMPTY_PAGES;
            iterator = page.next.unwrap_or_default();
        }
        Ok(part)
    }
}

impl<T> Part<T> {
    /// Returns a shard of which nothing is read.
    fn of(shard: Shard) -> Self {
        Self { shard, first: None, last: VecDeque::new(), meanwhile: None, complete: false }
    }

    fn add(&mut self, records: Vec<Record>, most: usize, make: &Make<T>) {
        for record in records.into_iter().filter(|record| !record.changes_nothing) {
            self.first.get_or_insert(record.created);
            if let Some(made) = make(&record.json) {
                self.last.push_back((record.created, made));
                if self.last.len() > most {
                    self.last.pop_front();
                }
            }
        }
    }
}

/// Collects the results of tasks, which end with the first error.
async fn collected<T: 'static>(mut tasks: JoinSet<Result<Part<T>, ReadError>>) -> Result<Vec<Part<T>>, ReadError> {
    let mut parts = Vec::new();
    while let Some(part) = tasks.join_next().await {
        match part {
            Ok(part) => parts.push(part?),
            Err(error) => return Err(ReadError::Unavailable(error.to_string())),
        }
    }
    Ok(parts)
}

/// Returns the unread shards that may have one of the last records: those that a shard continues whose own records are
/// all among them.
fn parents<T>(parts: &[Part<T>], shards: &[Shard], most: usize) -> Vec<Shard> {
    let mut times: Vec<_> = parts.iter().flat_map(|part| part.last.iter().map(|(at, _)| *at)).collect();
    times.sort_unstable();
    let earliest = times.len().checked_sub(most).and_then(|place| times.get(place).copied());
    let reaches_back = |part: &&Part<T>| match (earliest, part.first) {
        (Some(earliest), Some(first)) => first > earliest,
        _ => true,
    };
    let wanted: HashSet<&str> = parts.iter().filter(reaches_back).filter_map(|it| it.shard.parent.as_deref()).collect();
    let read: HashSet<&str> = parts.iter().map(|part| part.shard.id.as_str()).collect();
    shards.iter().filter(|it| wanted.contains(it.id.as_str()) && !read.contains(it.id.as_str())).cloned().collect()
}

/// Returns the last records of all shards.
fn last<T>(parts: Vec<Part<T>>, most: usize) -> Vec<T> {
    let mut all: Vec<_> = parts.into_iter().flat_map(|part| part.last).collect();
    all.sort_by_key(|(at, _)| *at);
    let first = all.len().saturating_sub(most);
    all.into_iter().skip(first).map(|(_, made)| made).collect()
}
