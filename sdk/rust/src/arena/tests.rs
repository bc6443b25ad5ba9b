use super::*;

/// Something allocated, filled with its number.
struct Held {
    at: *mut u8,
    layout: Layout,
    number: u8,
}

impl Held {
    fn is_whole(&self, bytes: usize) -> bool {
        // SAFETY: it is as long as that, and was filled.
        unsafe { std::slice::from_raw_parts(self.at, bytes) }.iter().all(|byte| *byte == self.number)
    }

    fn fill(&self) {
        // SAFETY: it is as long as its layout says.
        unsafe { self.at.write_bytes(self.number, self.layout.size()) };
    }
}

/// Numbers as good as any, the same in each run.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

#[test]
fn what_is_given_out_is_nobody_elses_until_it_is_given_back_within_the_room_and_beyond() {
    let arena = Box::new(Arena::new());
    let mut seed = 7;
    let mut held: Vec<Held> = Vec::new();
    let mut beyond = 0;
    for round in 0..20_000 {
        match next(&mut seed) % 4 {
            0 | 1 if held.len() < 200 => {
                let layout = Layout::from_size_align(1 + next(&mut seed) % 900, 1 << (next(&mut seed) % 5)).unwrap();
                // SAFETY: the layout has a size.
                let it = Held { at: unsafe { arena.alloc(layout) }, layout, number: round as u8 };
                assert!(!it.at.is_null() && it.at.addr().is_multiple_of(layout.align()));
                beyond += usize::from(arena.room_of(it.at).is_none());
                it.fill();
                held.push(it);
            }
            2 if !held.is_empty() => {
                let index = next(&mut seed) % held.len();
                let it = &mut held[index];
                let size = 1 + next(&mut seed) % 1200;
                // SAFETY: it was allocated with this layout.
                it.at = unsafe { arena.realloc(it.at, it.layout, size) };
                assert!(it.is_whole(size.min(it.layout.size())), "what it held is gone");
                it.layout = Layout::from_size_align(size, it.layout.align()).unwrap();
                it.fill();
            }
            _ => {
                // The last one mostly, as in a call.
                let index = held.len().saturating_sub(1 + next(&mut seed) % 3);
                if index < held.len() {
                    let it = held.remove(index);
                    assert!(it.is_whole(it.layout.size()), "somebody else wrote to it");
                    // SAFETY: it was allocated with this layout.
                    unsafe { arena.dealloc(it.at, it.layout) };
                }
            }
        }
    }
    assert!(beyond > 0, "it was never full");
    for it in held {
        assert!(it.is_whole(it.layout.size()));
        // SAFETY: it was allocated with this layout.
        unsafe { arena.dealloc(it.at, it.layout) };
    }
}

#[test]
fn what_grows_at_the_end_stays_where_it_is() {
    let arena = Box::new(Arena::new());
    let layout = |size| Layout::from_size_align(size, 8).unwrap();
    // SAFETY: each is freed and grown with the layout it has.
    unsafe {
        let text = arena.alloc(layout(16));
        assert_eq!(arena.realloc(text, layout(16), 4000), text);
        arena.dealloc(text, layout(4000));
        assert_eq!(arena.alloc(layout(8)), text, "what was given back last is given out next");
        assert!(arena.room_of(arena.alloc(layout(2 * ROOM))).is_none());
    }
}

#[test]
fn what_is_kept_lies_apart_from_what_a_call_takes_and_what_finds_no_room_is_not_kept() {
    let arena = Box::new(Arena::new());
    let layout = Layout::from_size_align(1000, 8).unwrap();
    // SAFETY: the layouts have a size, and nothing is used after it is freed.
    unsafe {
        let called = arena.alloc(layout);
        arena.keeps.set(true);
        let kept = arena.alloc(layout);
        assert_eq!((arena.call.offset_of(called), arena.kept.offset_of(kept)), (Some(0), Some(0)));
        let beyond = arena.alloc(Layout::from_size_align(ROOM, 8).unwrap());
        assert!(arena.spilled.get() && arena.room_of(beyond).is_none());
        arena.keeps.set(false);
        arena.dealloc(kept, layout);
        assert_eq!((arena.kept.used.get(), arena.call.used.get()), (0, 1000), "each is given back where it was taken");
        arena.dealloc(beyond, Layout::from_size_align(ROOM, 8).unwrap());
    }
}

#[test]
fn a_value_is_the_same_where_its_image_is_put_back() {
    let instances = [(); 2].map(|()| Box::new(Arena::new()));
    let value = [7_u64, 1 << 40, 9];
    let image = instances[0].image(|| Ok(value)).unwrap();
    // SAFETY: it was made of such a value, which holds no addresses.
    let restored = || unsafe { instances[1].restore::<[u64; 3]>(&image) };
    assert_eq!(restored(), Some(&value));
    assert_eq!(restored(), None, "something lies there by now");
}

#[test]
fn a_plugin_without_settings_has_an_image_too() {
    #[derive(Debug, PartialEq)]
    struct Nothing {}
    let instances = [(); 2].map(|()| Box::new(Arena::new()));
    let image = instances[0].image(|| Ok(Nothing {})).unwrap();
    // SAFETY: it was made of such a value.
    assert_eq!(unsafe { instances[1].restore(&image) }, Some(&Nothing {}));
}

#[test]
fn what_is_no_image_is_not_taken_for_one_and_what_has_no_room_gives_none() {
    let arena = || Box::new(Arena::new());
    assert_eq!(arena().image::<u8>(|| Err("settings".to_owned())), Err("settings".to_owned()));
    assert!(arena().image(|| Ok([0_u8; ROOM + 1])).is_err());
    let image = arena().image(|| Ok(5_u64)).unwrap();
    let beyond = [&image[..8], &1_u32.to_le_bytes()].concat();
    let far = [&image[..8], &u32::MAX.to_le_bytes()].concat();
    for none in [&[][..], &image[..3], &image[1..], &beyond, &far, &vec![0; ROOM + 5]] {
        let arena = arena();
        // SAFETY: any bytes are a number.
        assert_eq!(unsafe { arena.restore::<u64>(none) }, None, "{} bytes", none.len());
    }
}
