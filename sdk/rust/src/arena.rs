//! Where a call's memory comes from.
//!
//! An instance lives for one call and is gone: what is freed within it is hardly used again, and to grow the instance's memory
//! costs the host more than most plugins do. So there is room in it from the start, which is given out from one end to the
//! other; only a call that needs more than that asks the standard library's allocator, which grows the memory.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::{Cell, UnsafeCell},
    mem, ptr, slice,
};

/// What most calls need, and most plugins' settings; what is not touched costs nothing.
const ROOM: usize = 64 * 1024;

#[repr(C)]
pub struct Arena {
    /// What a call takes; before what is kept, so that an address tells which.
    call: Room,
    /// What the plugin became of its settings (`image`).
    kept: Room,
    /// Whether what is taken now is kept.
    keeps: Cell<bool>,
    /// Something to be kept found no room.
    spilled: Cell<bool>,
}

/// Memory that is given out from one end to the other. Aligned as any value may have to be, also one without a size.
#[repr(align(16))]
struct Room {
    bytes: UnsafeCell<[u8; ROOM]>,
    /// Bytes given out.
    used: Cell<usize>,
}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
pub static ARENA: Arena = Arena::new();

// SAFETY: a plugin has one thread; the contract knows no others.
#[cfg(target_arch = "wasm32")]
unsafe impl Sync for Arena {}

impl Room {
    const fn new() -> Self {
        Self { bytes: UnsafeCell::new([0; ROOM]), used: Cell::new(0) }
    }

    fn start(&self) -> *mut u8 {
        self.bytes.get().cast()
    }

    /// Where in the room an allocation begins, if it is there.
    fn offset_of(&self, at: *mut u8) -> Option<usize> {
        at.addr().checked_sub(self.start().addr()).filter(|offset| *offset < ROOM)
    }

    fn is_last(&self, offset: usize, layout: Layout) -> bool {
        offset + layout.size() == self.used.get()
    }

    /// The next free place, if there is one.
    fn take(&self, layout: Layout) -> Option<*mut u8> {
        // An alignment is a power of two; to divide by it takes longer than all the rest.
        let past = layout.align() - 1;
        let from = ((self.start().addr() + self.used.get() + past) & !past) - self.start().addr();
        let end = from.checked_add(layout.size()).filter(|end| *end <= ROOM && layout.size() > 0)?;
        self.used.set(end);
        // SAFETY: `from` is within the room.
        Some(unsafe { self.start().add(from) })
    }

    /// Moves a value here for good; where it begins, if there is a place for it.
    fn put<T>(&self, value: T) -> Option<usize> {
        if size_of::<T>() == 0 {
            mem::forget(value);
            return Some(0);
        }
        let at = self.take(Layout::new::<T>())?;
        // SAFETY: the place is for a `T`, and nobody else's.
        unsafe { at.cast::<T>().write(value) };
        self.offset_of(at)
    }
}

impl Arena {
    const fn new() -> Self {
        Self { call: Room::new(), kept: Room::new(), keeps: Cell::new(false), spilled: Cell::new(false) }
    }

    /// The room that an allocation lies in, and where.
    fn room_of(&self, at: *mut u8) -> Option<(&Room, usize)> {
        let room = if at < self.kept.start() { &self.call } else { &self.kept };
        Some((room, room.offset_of(at)?))
    }
}

// SAFETY: what is given out of the room lies between the ends of what was given out before and of the room, so that nothing
// lies in it twice; all else is the standard library's.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let room = if self.keeps.get() { &self.kept } else { &self.call };
        room.take(layout).unwrap_or_else(|| {
            if self.keeps.get() {
                self.spilled.set(true);
            }
            // SAFETY: the caller's promises are the same.
            unsafe { System.alloc(layout) }
        })
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        match self.room_of(at) {
            Some((room, offset)) if room.is_last(offset, layout) => room.used.set(offset),
            Some(_) => {}
            // SAFETY: it is of neither room, so it is of there.
            None => unsafe { System.dealloc(at, layout) },
        }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some((room, offset)) = self.room_of(at) else {
            // SAFETY: it is of neither room, so it is of there.
            return unsafe { System.realloc(at, layout, size) };
        };
        if room.is_last(offset, layout) && offset.checked_add(size).is_some_and(|end| end <= ROOM) {
            room.used.set(offset + size);
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

impl Arena {
    /// Makes a value, as all its memory is in this instance: the bytes of the room it lies in, and where in it it begins.
    ///
    /// In every other instance of the same component the room lies at the same address, and so does all that the component
    /// came with: code, constants, tables. So the bytes are the same value there (`restore`), and nothing in it has to be
    /// read again. What is not of them is what the plugin's own code wrote outside the value meanwhile, in a `static`.
    ///
    /// # Errors
    /// It cannot be made, or it is too large.
    pub fn image<T>(&self, make: impl FnOnce() -> Result<T, String>) -> Result<Vec<u8>, String> {
        self.keeps.set(true);
        let made = make().map(|value| self.kept.put(value));
        self.keeps.set(false);
        let Some(offset) = made?.filter(|_| !self.spilled.get()) else {
            return Err("it is too large".to_owned());
        };
        // SAFETY: so many bytes were given out, and whoever asks for the image has them for itself.
        let mut image = unsafe { slice::from_raw_parts(self.kept.start(), self.kept.used.get()) }.to_vec();
        image.extend_from_slice(&(offset as u32).to_le_bytes());
        Ok(image)
    }

    /// The value of an `image`; `None` for what is none.
    ///
    /// # Safety
    /// The same component made the image, of a value of this type.
    pub unsafe fn restore<T>(&self, image: &[u8]) -> Option<&T> {
        let (bytes, offset) = image.split_last_chunk()?;
        let offset = u32::from_le_bytes(*offset) as usize;
        let fits = offset <= bytes.len().checked_sub(size_of::<T>())?;
        if !fits || bytes.len() > ROOM || self.kept.used.get() > 0 {
            return None;
        }
        self.kept.used.set(bytes.len());
        // SAFETY: they fit, nothing else is there yet, and they are a `T` with all that belongs to it, as it lay in the same
        // place: the caller's promise.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.kept.start(), bytes.len());
            Some(&*self.kept.start().add(offset).cast::<T>())
        }
    }
}

#[cfg(test)]
mod tests;
