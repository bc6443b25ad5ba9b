//! What a file is, told by its first bytes: what somebody says of it is not believed.

use crate::model::{FileKind, FileName};

/// What a picture or file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Png,
    Gif,
    WebP,
    Mp4,
    /// Sound alone in the same container, as telephones record it.
    M4a,
    Mp3,
    Ogg,
    Amr,
    Pdf,
    /// Whatever else it is; it is kept and passed on, and never shown in a page.
    Other,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::WebP,
        Self::Mp4,
        Self::M4a,
        Self::Mp3,
        Self::Ogg,
        Self::Amr,
        Self::Pdf,
        Self::Other,
    ];

    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            // ISO 14496-12: a box `ftyp` with the brand. Other brands are other things, HEIC pictures among them.
            [_, _, _, _, b'f', b't', b'y', b'p', b'M', b'4', b'A', b' ', ..] => Self::M4a,
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_video(brand) => Self::Mp4,
            [b'I', b'D', b'3', ..] | [0xff, 0xfa | 0xfb | 0xf2 | 0xf3, ..] => Self::Mp3,
            [b'O', b'g', b'g', b'S', ..] => Self::Ogg,
            [b'#', b'!', b'A', b'M', b'R', ..] => Self::Amr,
            [b'%', b'P', b'D', b'F', b'-', ..] => Self::Pdf,
            _ => Self::Other,
        }
    }

    pub fn is_picture(self) -> bool {
        self.as_file().is_none()
    }

    /// What platforms call it, where it is no picture.
    pub fn as_file(self) -> Option<FileKind> {
        match self {
            Self::Jpeg | Self::Png | Self::Gif | Self::WebP => None,
            Self::Mp4 => Some(FileKind::Video),
            Self::M4a | Self::Mp3 | Self::Ogg | Self::Amr => Some(FileKind::Audio),
            Self::Pdf | Self::Other => Some(FileKind::Document),
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Mp4 => "mp4",
            Self::M4a => "m4a",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::Amr => "amr",
            Self::Pdf => "pdf",
            Self::Other => "bin",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Mp4 => "video/mp4",
            Self::M4a => "audio/mp4",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
            Self::Amr => "audio/amr",
            Self::Pdf => "application/pdf",
            Self::Other => "application/octet-stream",
        }
    }

    /// What a file of this kind is called where its own name is not known, or stands nowhere.
    pub fn file_name(self) -> String {
        let name = match self.as_file() {
            None => "picture",
            Some(FileKind::Video) => "video",
            Some(FileKind::Audio) => "recording",
            Some(FileKind::Document) => "file",
        };
        format!("{name}.{}", self.extension())
    }

    /// The name that somebody gave it, with an ending that does not say otherwise than its bytes; `None` where that is none.
    pub fn named(self, name: &FileName) -> Option<FileName> {
        let ending = name.ending().unwrap_or_default().to_ascii_lowercase();
        if self == Self::Other || self.endings().contains(&&*ending) {
            return Some(name.clone());
        }
        FileName::of(&format!("{name}.{}", self.extension()))
    }

    /// How files of this kind end, beside the usual one.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::WebP => &["webp"],
            Self::Mp4 => &["mp4", "m4v", "mov"],
            Self::M4a => &["m4a", "mp4", "aac"],
            Self::Mp3 => &["mp3"],
            Self::Ogg => &["ogg", "oga", "opus"],
            Self::Amr => &["amr"],
            Self::Pdf => &["pdf"],
            Self::Other => &[],
        }
    }
}

fn is_video(brand: &[u8]) -> bool {
    [&b"isom"[..], b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"]
        .iter()
        .any(|known| brand.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\n rest"[..], Kind::Png),
            (b"\xff\xd8\xff\xe0", Kind::Jpeg),
            (b"GIF89a", Kind::Gif),
            (b"RIFF\0\0\0\0WEBPVP8 ", Kind::WebP),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", Kind::Mp4),
            (b"\0\0\0\x1cftypM4A \0\0\0\0", Kind::M4a),
            (b"ID3\x04", Kind::Mp3),
            (b"OggS\0", Kind::Ogg),
            (b"#!AMR\n", Kind::Amr),
            (b"%PDF-1.7", Kind::Pdf),
        ] {
            assert_eq!(Kind::of(bytes), kind);
        }
        for other in [&b"<svg xmlns="[..], b"<html>", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypheic", b"", b"\x89PNG"] {
            assert_eq!(Kind::of(other), Kind::Other);
        }
    }

    #[test]
    fn a_name_does_not_say_otherwise_than_the_bytes() {
        let named = |kind: Kind, name| kind.named(&FileName::of(name).unwrap()).unwrap().to_string();
        assert_eq!(named(Kind::Pdf, "Invoice.PDF"), "Invoice.PDF");
        assert_eq!(named(Kind::Pdf, "cup.exe"), "cup.exe.pdf");
        assert_eq!(named(Kind::Jpeg, "no ending"), "no ending.jpg");
        assert_eq!(named(Kind::Other, "list.xlsx"), "list.xlsx");
    }

    #[test]
    fn a_kind_is_known_again_by_its_ending() {
        for kind in Kind::ALL {
            let same = Kind::ALL.into_iter().filter(|it| it.extension() == kind.extension());
            assert_eq!(same.collect::<Vec<_>>(), [kind]);
        }
    }
}
