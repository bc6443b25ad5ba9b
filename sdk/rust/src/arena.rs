//! Where a call's memory comes from.
//!
//! An instance lives for one call and is gone: what is freed within it is hardly used again, and to grow the instance's memory
//! costs the host more than most plugins do. So there is room in it from the start, which is given out from one end to the
//! other; only a call that needs more than that asks the standard library's allocator, which grows the memory.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::{Cell, UnsafeCell},
    mem::MaybeUninit,
    ptr,
};

/// What most calls need; what is not touched costs nothing.
const ROOM: usize = 64 * 1024;

struct Arena {
    room: UnsafeCell<[MaybeUninit<u8>; ROOM]>,
    /// Bytes given out.
    used: Cell<usize>,
}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ARENA: Arena = Arena::new();

// SAFETY: a plugin has one thread; the contract knows no others.
#[cfg(target_arch = "wasm32")]
unsafe impl Sync for Arena {}

impl Arena {
    const fn new() -> Self {
        Self { room: UnsafeCell::new([MaybeUninit::uninit(); ROOM]), used: Cell::new(0) }
    }

    /// Where in the room an allocation begins, if it is there.
    fn offset_of(&self, at: *mut u8) -> Option<usize> {
        at.addr().checked_sub(self.room.get().addr()).filter(|offset| *offset < ROOM)
    }

    fn is_last(&self, offset: usize, layout: Layout) -> bool {
        offset + layout.size() == self.used.get()
    }
}

// SAFETY: what is given out of the room lies between the ends of what was given out before and of the room, so that nothing
// lies in it twice; all else is the standard library's.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let room = self.room.get().cast::<u8>();
        let from = (room.addr() + self.used.get()).next_multiple_of(layout.align()) - room.addr();
        match from.checked_add(layout.size()) {
            Some(end) if end <= ROOM && layout.size() > 0 => {
                self.used.set(end);
                // SAFETY: `from` is within the room.
                unsafe { room.add(from) }
            }
            // SAFETY: the caller's promises are the same.
            _ => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        match self.offset_of(at) {
            Some(offset) if self.is_last(offset, layout) => self.used.set(offset),
            Some(_) => {}
            // SAFETY: it is not of the room, so it is of there.
            None => unsafe { System.dealloc(at, layout) },
        }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(offset) = self.offset_of(at) else {
            // SAFETY: it is not of the room, so it is of there.
            return unsafe { System.realloc(at, layout, size) };
        };
        if self.is_last(offset, layout) && offset.checked_add(size).is_some_and(|end| end <= ROOM) {
            self.used.set(offset + size);
            return at;
        }
        if size <= layout.size() {
            return at;
        }
        // SAFETY: the alignment is that of an allocation, and a size that is too large with it is the caller's not to ask for.
        let next = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !next.is_null() {
            // SAFETY: both are as long as what is copied, and nothing lies in two allocations.
            unsafe { ptr::copy_nonoverlapping(at, next, layout.size()) };
        }
        next
    }
}

#[cfg(test)]
mod tests;
