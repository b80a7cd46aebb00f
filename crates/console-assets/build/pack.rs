//! Writes the files of a folder, plain and compressed, and the table that includes them in the crate.

use anyhow::Context as _;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Packs `folder` into `out`; returns a Rust expression of the type `&[File]`, sorted by path.
pub(super) fn folder(folder: &Path, out: &Path) -> anyhow::Result<String> {
    if out.exists() {
        fs::remove_dir_all(out)?; // files of an earlier build
    }
    fs::create_dir_all(out)?;
    let mut paths = Vec::new();
    list(folder, "", &mut paths)?;
    paths.sort();
    let mut table = String::from("&[\n");
    for (number, path) in paths.iter().enumerate() {
        let bytes = fs::read(folder.join(&path[1..]))?;
        file(&mut table, path, &bytes, &out.join(number.to_string())).with_context(|| path.clone())?;
    }
    table.push(']');
    Ok(table)
}

/// Lists the files below a folder by the paths at which they are served. Names that begin with a dot belong to the
/// build, such as the bundler's manifest, and are left out.
fn list(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().with_context(|| format!("{} is not UTF-8", entry.path().display()))?;
        if name.starts_with('.') {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => list(&entry.path(), &format!("{prefix}/{name}"), paths)?,
            false => paths.push(format!("{prefix}/{name}")),
        }
    }
    Ok(())
}

fn file(table: &mut String, path: &str, bytes: &[u8], out: &Path) -> anyhow::Result<()> {
    let kind = mime_guess::from_path(path).first().context("its name does not tell of which content type it is")?;
    let charset = if kind.type_() == "text" { "; charset=utf-8" } else { "" };
    let tag: String = Sha256::digest(bytes).iter().take(12).fold(String::new(), |tag, byte| format!("{tag}{byte:02x}"));
    let plain = include(out.with_extension("plain"), bytes)?;
    let brotli = include_if_smaller(out.with_extension("br"), bytes, brotli(bytes)?)?;
    let gzip = include_if_smaller(out.with_extension("gz"), bytes, gzip(bytes)?)?;
    let kind = format!("{kind}{charset}");
    writeln!(
        table,
        "File {{ path: {path:?}, content_type: {kind:?}, tag: {tag:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},"
    )?;
    Ok(())
}

/// Returns an expression that includes these bytes.
fn include(out: impl AsRef<Path>, bytes: &[u8]) -> anyhow::Result<String> {
    fs::write(&out, bytes)?;
    Ok(format!("include_bytes!({:?})", out.as_ref()))
}

/// Returns an expression for the compressed bytes, or `None` if they are not smaller: a file that is already
/// compressed, such as a font, only grows.
fn include_if_smaller(out: impl AsRef<Path>, plain: &[u8], compressed: Vec<u8>) -> anyhow::Result<String> {
    match compressed.len() < plain.len() {
        true => Ok(format!("Some({})", include(out, &compressed)?)),
        false => Ok("None".to_owned()),
    }
}

fn brotli(mut bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams { size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut bytes, &mut compressed, &settings)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
