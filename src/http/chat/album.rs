//! The pictures that visitors sent: told by their first bytes, and kept in the data folder under a quota.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use axum::response::{IntoResponse, Response};
use http::header;
use sha2::{Digest, Sha256};

use crate::{atomic_file, model::Address};

/// Bytes of one picture.
pub const MOST: usize = 5 << 20;
/// Bytes of one visitor's pictures, and of all.
const MOST_OF_VISITOR: u64 = 30 << 20;
const MOST_OF_ALL: u64 = 2 << 30;
/// The folder of pictures; one folder in it for each visitor.
pub struct Pictures {
    dir: PathBuf,
    /// Bytes of all, as far as they are counted.
    bytes: Mutex<u64>,
}

/// What a picture is, told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Png,
    Gif,
    WebP,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::WebP];

    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// Where one picture lies. The same message's has the same place, however often it is sent.
pub struct Place {
    pub folder: String,
    pub name: String,
}

impl Place {
    pub fn new(address: &Address, message: &str, kind: Kind) -> Self {
        Self { folder: folder_of(address), name: format!("{}.{}", hash(message), kind.extension()) }
    }
}

/// Why a picture is not kept.
#[derive(Debug)]
pub enum NotKept {
    Full,
    Failed(io::Error),
}

impl Pictures {
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        let mut bytes = 0;
        for visitor in fs::read_dir(&dir)? {
            bytes += size(&visitor?.path())?;
        }
        Ok(Self { dir, bytes: Mutex::new(bytes) })
    }

    /// Keeps a picture at its place, if it is not there already.
    ///
    /// # Errors
    /// There is no room, or the disk cannot be written.
    pub fn keep(&self, place: &Place, picture: &[u8]) -> Result<(), NotKept> {
        let of_visitor = self.dir.join(&place.folder);
        let path = of_visitor.join(&place.name);
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if path.exists() {
            return Ok(());
        }
        let size_of_visitor = if of_visitor.exists() { size(&of_visitor).map_err(NotKept::Failed)? } else { 0 };
        let added = picture.len() as u64;
        if size_of_visitor + added > MOST_OF_VISITOR || *bytes + added > MOST_OF_ALL {
            return Err(NotKept::Full);
        }
        atomic_file::make_folder(&of_visitor)
            .and_then(|()| atomic_file::replace_durably(&path, picture))
            .map_err(NotKept::Failed)?;
        *bytes += added;
        Ok(())
    }

    /// A picture by its place; `None` where there is none.
    pub fn read(&self, folder: &str, name: &str) -> Option<Response> {
        let (stem, extension) = name.split_once('.')?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.extension() == extension)?;
        // Both were made here, so whatever else is asked for leads nowhere else.
        if !is_hash(folder) || !is_hash(stem) {
            return None;
        }
        let bytes = fs::read(self.dir.join(folder).join(name)).ok()?;
        let headers = [
            (header::CONTENT_TYPE, kind.content_type()),
            (header::CACHE_CONTROL, "private, max-age=3600"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        ];
        Some((headers, bytes).into_response())
    }

    /// Removes all pictures of one conversation: how many there were.
    pub fn forget(&self, address: &Address) -> u64 {
        self.remove(&self.dir.join(folder_of(address)), |_| true)
    }

    /// Removes what was kept long enough.
    pub fn expire(&self, kept: Duration) -> u64 {
        let Some(before) = SystemTime::now().checked_sub(kept) else { return 0 };
        let visitors = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        visitors.map(|visitor| self.remove(&visitor.path(), |written| written < before)).sum()
    }

    fn remove(&self, of_visitor: &Path, goes: impl Fn(SystemTime) -> bool) -> u64 {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut count = 0;
        for file in fs::read_dir(of_visitor).into_iter().flatten().flatten() {
            let Ok(about) = file.metadata() else { continue };
            if about.modified().is_ok_and(&goes) && fs::remove_file(file.path()).is_ok() {
                *bytes = bytes.saturating_sub(about.len());
                count += 1;
            }
        }
        // Stays where something is left in it.
        let _ = fs::remove_dir(of_visitor);
        count
    }
}

fn size(dir: &Path) -> io::Result<u64> {
    fs::read_dir(dir)?.try_fold(0, |sum, file| Ok(sum + file?.metadata()?.len()))
}

/// A name that tells nothing, and fits a folder whatever it is made of.
fn hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..16])
}

/// The folder of a conversation's pictures; its name tells nothing.
pub fn folder_of(address: &Address) -> String {
    hash(&address.to_string())
}

fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n rest";

    fn pictures() -> (tempfile::TempDir, Pictures) {
        let dir = tempfile::tempdir().unwrap();
        let pictures = Pictures::open(dir.path().join("pictures")).unwrap();
        (dir, pictures)
    }

    fn place(chat: &str, message: &str) -> Place {
        Place::new(&Address::new("chat", chat), message, Kind::Png)
    }

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        assert_eq!(Kind::of(PNG), Some(Kind::Png));
        assert_eq!(Kind::of(b"\xff\xd8\xff\xe0"), Some(Kind::Jpeg));
        assert_eq!(Kind::of(b"GIF89a"), Some(Kind::Gif));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0WEBPVP8 "), Some(Kind::WebP));
        for other in [&b"<svg xmlns="[..], b"<html>", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7", b"", b"\x89PNG"] {
            assert_eq!(Kind::of(other), None);
        }
    }

    #[test]
    fn a_picture_sent_twice_is_kept_once_and_forgotten_with_its_visitor() {
        let (_dir, pictures) = pictures();
        let (anas, bens) = (place("ana", "1"), place("ben", "1"));
        for place in [&anas, &anas, &bens] {
            pictures.keep(place, PNG).unwrap();
        }
        assert_eq!(*pictures.bytes.lock().unwrap(), 2 * PNG.len() as u64);
        assert!(pictures.read(&anas.folder, &anas.name).is_some());
        assert_eq!(pictures.forget(&Address::new("chat", "ana")), 1);
        assert!(pictures.read(&anas.folder, &anas.name).is_none());
        assert!(pictures.read(&bens.folder, &bens.name).is_some(), "others lose nothing");
        assert_eq!(*pictures.bytes.lock().unwrap(), PNG.len() as u64);
        assert_eq!((pictures.expire(Duration::from_secs(60)), pictures.expire(Duration::ZERO)), (0, 1));
    }

    #[test]
    fn one_visitor_cannot_fill_the_house_and_the_count_outlives_a_restart() {
        let (dir, pictures) = pictures();
        let large = [PNG, &vec![0; MOST - PNG.len()]].concat();
        let kept = (0..20).filter(|n| pictures.keep(&place("ana", &n.to_string()), &large).is_ok()).count();
        assert_eq!(kept as u64, MOST_OF_VISITOR / MOST as u64);
        assert!(pictures.keep(&place("ben", "1"), PNG).is_ok());
        let again = Pictures::open(dir.path().join("pictures")).unwrap();
        assert_eq!(*again.bytes.lock().unwrap(), *pictures.bytes.lock().unwrap());
        *again.bytes.lock().unwrap() = MOST_OF_ALL;
        assert!(matches!(again.keep(&place("eve", "1"), PNG), Err(NotKept::Full)));
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let (dir, pictures) = pictures();
        fs::write(dir.path().join("secret.png"), PNG).unwrap();
        for (folder, name) in [("..", "secret.png"), ("", "../secret.png"), (".", "..png"), ("a", "b.png")] {
            assert!(pictures.read(folder, name).is_none(), "{folder}/{name}");
        }
    }
}
