//! The files that are compiled in.

/// A file of the built console.
#[derive(Debug)]
pub(crate) struct File {
    /// Path at which the file is served, such as `/assets/index-BEJv4wbL.js`.
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    /// Entity tag, different for each content.
    pub(crate) tag: &'static str,
    pub(crate) plain: &'static [u8],
    /// Compressed content; `None` if it is not smaller than `plain`.
    pub(crate) brotli: Option<&'static [u8]>,
    pub(crate) gzip: Option<&'static [u8]>,
}

/// Files of the built console, sorted by path; empty if it has not been built.
pub(crate) static CONSOLE: &[File] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// Files of `tests/site`, packed in the same way.
#[cfg(test)]
pub(crate) static SITE: &[File] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Returns the file that is served at a path.
pub(crate) fn find(files: &'static [File], path: &str) -> Option<&'static File> {
    files.binary_search_by(|file| file.path.cmp(path)).ok().map(|at| &files[at])
}
