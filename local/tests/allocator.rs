//! What the allocator's options promise (docs/adr/0033): the memory of a large object goes back as soon as it is free, though
//! its neighbours are not.

use std::fs;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Size of an object, in bytes: more than 64 KiB, and less than what `mimalloc` maps by itself anyway.
const OBJECT: usize = 150_000;

/// Number of objects: several pages of 4 MiB.
const OBJECTS: usize = 128;

/// Returns the process's resident memory, in bytes (proc(5)).
fn resident() -> usize {
    let memory = fs::read_to_string("/proc/self/smaps_rollup").expect("Linux has it");
    let resident =
        memory.lines().find_map(|line| line.strip_prefix("Rss:")).and_then(|rest| rest.trim().strip_suffix(" kB"));
    resident.and_then(|kib| kib.parse::<usize>().ok()).expect("a number of KiB") << 10
}

#[test]
fn the_memory_of_large_objects_goes_back_though_their_neighbours_remain() {
    let objects: Vec<_> = (0..OBJECTS).map(|_| vec![1u8; OBJECT]).collect();
    let before = resident();
    let every_second: Vec<_> = objects.into_iter().step_by(2).collect(); // the others are dropped
    let returned = before.saturating_sub(resident());
    assert!(returned >= OBJECTS / 2 * OBJECT, "{returned} bytes of {} came back", OBJECTS / 2 * OBJECT);
    assert_eq!(every_second.len(), OBJECTS / 2);
}
