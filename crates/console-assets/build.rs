//! Packs the built console into the crate: each file as it is, and compressed where that makes it smaller.

#[path = "build/pack.rs"]
mod pack;

use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> anyhow::Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let built = here.join("../../console/dist");
    // While a path that Cargo is to watch is missing, it runs this script again at every build. That is also all that
    // happens if the folder cannot be created.
    fs::create_dir_all(&built).ok();
    pack_folder(&built, &out, "console")?;
    // A site of the tests' own: their assertions must not depend on whether the console has been built.
    pack_folder(&here.join("tests/site"), &out, "site")
}

fn pack_folder(folder: &Path, out: &Path, name: &str) -> anyhow::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let table = match folder.join("index.html").is_file() {
        true => pack::folder(folder, &out.join(name)).with_context(|| format!("cannot pack {}", folder.display()))?,
        false => "&[]".to_owned(), // not built, or half
    };
    Ok(fs::write(out.join(name).with_extension("rs"), table)?)
}
