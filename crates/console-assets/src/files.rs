//! What is compiled in.

/// A file of the built console.
#[derive(Debug)]
pub(crate) struct File {
    /// Where it is served, such as `/assets/index-BEJv4wbL.js`.
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    /// Tells this content from any other.
    pub(crate) tag: &'static str,
    pub(crate) plain: &'static [u8],
    /// Where they are smaller than `plain`.
    pub(crate) brotli: Option<&'static [u8]>,
    pub(crate) gzip: Option<&'static [u8]>,
}

/// The console as it was built, sorted by path; empty when it was not.
pub(crate) static CONSOLE: &[File] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// `tests/site`, packed in the same way.
#[cfg(test)]
pub(crate) static SITE: &[File] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// The file that is served at a path.
pub(crate) fn find(files: &'static [File], path: &str) -> Option<&'static File> {
    files.binary_search_by(|file| file.path.cmp(path)).ok().map(|at| &files[at])
}
