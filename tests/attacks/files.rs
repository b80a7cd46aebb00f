//! Another user of the machine, who looks at the files that the program keeps.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::victim::Victim;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn what_the_program_keeps_is_its_owners_alone() {
    let mut victim = Victim::start().await;
    victim.is_served("i1").await;
    let data = victim.launch.data();
    assert_eq!(format!("{:o}", mode(&data)), "700");
    let mut files = Vec::new();
    for file in fs::read_dir(&data).expect("a folder") {
        let path = file.expect("a file").path();
        assert_eq!(format!("{:o}", mode(&path)), "600", "{}", path.display());
        files.push(path.file_name().expect("a name").to_string_lossy().into_owned());
    }
    for expected in ["lock", "dynamodb.sqlite3", "dynamodb.sqlite3-wal"] {
        assert!(files.iter().any(|file| file == expected), "{expected} in {files:?}");
    }
}
