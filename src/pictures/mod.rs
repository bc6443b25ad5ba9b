//! The pictures and files that lie in the data folder under a quota: what visitors of the web chat sent, and what goes from
//! one platform to another by an address. Each is told by its first bytes.

mod kind;
mod seal;

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

use crate::{
    atomic_file,
    model::{Address, FileName},
};

pub use kind::Kind;
pub use seal::{PREFIX, Seal};

/// Bytes of one customer's pictures, and of all.
const MOST_OF_CUSTOMER: u64 = 30 << 20;
const MOST_OF_ALL: u64 = 2 << 30;

/// The ending of a file that says what another is called; no kind's.
const LABEL: &str = "name";

/// The folder of pictures; one folder in it for each customer.
pub struct Pictures {
    dir: PathBuf,
    /// Bytes of all, as far as they are counted.
    bytes: Mutex<u64>,
}

/// Where one picture lies. The same message's has the same place, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub folder: String,
    pub name: String,
}

impl Place {
    /// `what`: a text that nothing else in the conversation has.
    pub fn new(address: &Address, what: &str, kind: Kind) -> Self {
        Self { folder: folder_of(address), name: format!("{}.{}", hash(what), kind.extension()) }
    }

    /// A place that somebody asks for; `None` where it can be none of ours, so that no name leads elsewhere.
    pub fn named(folder: &str, name: &str) -> Option<Self> {
        let (stem, extension) = name.split_once('.')?;
        let is_ours = is_hash(folder) && is_hash(stem) && Kind::ALL.iter().any(|kind| kind.extension() == extension);
        is_ours.then(|| Self { folder: folder.to_owned(), name: name.to_owned() })
    }

    /// Where it stands what somebody calls what lies there; nobody is given that by its address.
    fn label(&self) -> String {
        let stem = self.name.split_once('.').map_or(&*self.name, |(stem, _)| stem);
        format!("{stem}.{LABEL}")
    }

    /// What lies there, as its name says.
    pub fn kind(&self) -> Kind {
        let extension = self.name.rsplit_once('.').map(|(_, extension)| extension);
        Kind::ALL.into_iter().find(|kind| Some(kind.extension()) == extension).unwrap_or(Kind::Other)
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
        for customer in fs::read_dir(&dir)? {
            bytes += size(&customer?.path())?;
        }
        Ok(Self { dir, bytes: Mutex::new(bytes) })
    }

    /// Keeps a picture at its place, if it is not there already, and what it is called.
    ///
    /// # Errors
    /// There is no room, or the disk cannot be written.
    pub fn keep(&self, place: &Place, picture: &[u8], called: Option<&FileName>) -> Result<(), NotKept> {
        let of_customer = self.dir.join(&place.folder);
        let path = of_customer.join(&place.name);
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if path.exists() {
            return Ok(());
        }
        let size_of_customer = if of_customer.exists() { size(&of_customer).map_err(NotKept::Failed)? } else { 0 };
        let label = called.map_or(&[][..], |it| it.as_str().as_bytes());
        let added = (picture.len() + label.len()) as u64;
        if size_of_customer + added > MOST_OF_CUSTOMER || *bytes + added > MOST_OF_ALL {
            return Err(NotKept::Full);
        }
        let write = || {
            atomic_file::make_folder(&of_customer)?;
            // Before what it names, which is then never without.
            if !label.is_empty() {
                atomic_file::replace_durably(&of_customer.join(place.label()), label)?;
            }
            atomic_file::replace_durably(&path, picture)
        };
        write().map_err(NotKept::Failed)?;
        *bytes += added;
        Ok(())
    }

    /// What lies at a place; `None` where nothing does.
    pub fn read(&self, place: &Place) -> Option<Vec<u8>> {
        fs::read(self.dir.join(&place.folder).join(&place.name)).ok()
    }

    /// What it is called, where somebody called it something.
    pub fn called(&self, place: &Place) -> Option<FileName> {
        FileName::of(&fs::read_to_string(self.dir.join(&place.folder).join(place.label())).ok()?)
    }

    /// Some of what lies at a place; `None` where there is less.
    pub fn read_part(&self, place: &Place, part: Range<u64>) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(part.end.checked_sub(part.start)?).ok()?];
        let mut file = fs::File::open(self.dir.join(&place.folder).join(&place.name)).ok()?;
        file.seek(SeekFrom::Start(part.start)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    /// How many bytes lie at a place.
    pub fn size(&self, place: &Place) -> Option<usize> {
        let about = fs::metadata(self.dir.join(&place.folder).join(&place.name)).ok()?;
        usize::try_from(about.len()).ok()
    }

    /// Where something lies, of which it is not known what it is.
    pub fn find(&self, address: &Address, what: &str) -> Option<Place> {
        let places = Kind::ALL.into_iter().map(|kind| Place::new(address, what, kind));
        places.into_iter().find(|place| self.dir.join(&place.folder).join(&place.name).exists())
    }

    /// Removes all pictures of one conversation: how many there were.
    pub fn forget(&self, address: &Address) -> u64 {
        self.remove(&self.dir.join(folder_of(address)), |_| true)
    }

    /// Removes what was kept long enough.
    pub fn expire(&self, kept: Duration) -> u64 {
        let Some(before) = SystemTime::now().checked_sub(kept) else { return 0 };
        let customers = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        customers.map(|customer| self.remove(&customer.path(), |written| written < before)).sum()
    }

    fn remove(&self, of_customer: &Path, goes: impl Fn(SystemTime) -> bool) -> u64 {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut count = 0;
        for file in fs::read_dir(of_customer).into_iter().flatten().flatten() {
            let Ok(about) = file.metadata() else { continue };
            if about.modified().is_ok_and(&goes) && fs::remove_file(file.path()).is_ok() {
                *bytes = bytes.saturating_sub(about.len());
                count += u64::from(file.path().extension().is_none_or(|it| it != LABEL));
            }
        }
        // Stays where something is left in it.
        let _ = fs::remove_dir(of_customer);
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
    fn a_picture_sent_twice_is_kept_once_and_forgotten_with_its_customer() {
        let (_dir, pictures) = pictures();
        let (anas, bens) = (place("ana", "1"), place("ben", "1"));
        for place in [&anas, &anas, &bens] {
            pictures.keep(place, PNG, None).unwrap();
        }
        assert_eq!(*pictures.bytes.lock().unwrap(), 2 * PNG.len() as u64);
        assert!(pictures.read(&anas).is_some());
        assert_eq!(pictures.forget(&Address::new("chat", "ana")), 1);
        assert!(pictures.read(&anas).is_none());
        assert!(pictures.read(&bens).is_some(), "others lose nothing");
        assert_eq!(*pictures.bytes.lock().unwrap(), PNG.len() as u64);
        assert_eq!((pictures.expire(Duration::from_secs(60)), pictures.expire(Duration::ZERO)), (0, 1));
    }

    #[test]
    fn one_customer_cannot_fill_the_house_and_the_count_outlives_a_restart() {
        let (dir, pictures) = pictures();
        let large = [PNG, &vec![0; (5 << 20) - PNG.len()]].concat();
        let kept = (0..20).filter(|n| pictures.keep(&place("ana", &n.to_string()), &large, None).is_ok()).count();
        assert_eq!(kept as u64, MOST_OF_CUSTOMER / (5 << 20));
        assert!(pictures.keep(&place("ben", "1"), PNG, None).is_ok());
        let again = Pictures::open(dir.path().join("pictures")).unwrap();
        assert_eq!(*again.bytes.lock().unwrap(), *pictures.bytes.lock().unwrap());
        *again.bytes.lock().unwrap() = MOST_OF_ALL;
        assert!(matches!(again.keep(&place("eve", "1"), PNG, None), Err(NotKept::Full)));
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for (folder, name) in [("..", "secret.png"), ("", "../secret.png"), (".", "..png"), ("a", "b.png")] {
            assert!(Place::named(folder, name).is_none(), "{folder}/{name}");
        }
        let own = place("ana", "1");
        assert_eq!(Place::named(&own.folder, &own.name), Some(own.clone()));
        assert_eq!(own.kind(), Kind::Png);
        assert!(Place::named(&own.folder, &own.name.replace("png", "html")).is_none());
    }

    #[test]
    fn what_lies_there_is_found_whatever_it_is() {
        let (_dir, pictures) = pictures();
        let ana = Address::new("chat", "ana");
        assert_eq!(pictures.find(&ana, "1"), None);
        pictures.keep(&place("ana", "1"), PNG, None).unwrap();
        assert_eq!(pictures.find(&ana, "1"), Some(place("ana", "1")));
    }

    #[test]
    fn what_a_file_is_called_is_kept_with_it_and_goes_with_it() {
        let (_dir, pictures) = pictures();
        let (ana, place) = (Address::new("chat", "ana"), place("ana", "1"));
        let name = FileName::of("发票 11.png");
        pictures.keep(&place, PNG, name.as_ref()).unwrap();
        assert_eq!(pictures.called(&place), name);
        assert_eq!(pictures.find(&ana, "1"), Some(place.clone()));
        assert!(Place::named(&place.folder, &place.label()).is_none(), "it is no picture that somebody can ask for");
        assert_eq!((pictures.forget(&ana), pictures.called(&place)), (1, None));
        assert_eq!(*pictures.bytes.lock().unwrap(), 0);
    }
}
