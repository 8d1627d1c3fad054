//! Reading and decompressing within a limit.

use std::io::{self, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Content codings of HTTP allow a zstd window of 8 MiB (RFC 9659); more is memory an archive should not ask for.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Why reading ended badly.
#[derive(Debug)]
pub(super) enum ReadError {
    /// More bytes than allowed.
    TooLarge,
    /// The data ends in the middle.
    Truncated,
    /// Damaged data or a failing disk.
    Other(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Truncated } else { Self::Other(error) }
    }
}

/// Reads to the end, at most `cap` bytes.
pub(super) fn read_capped(reader: impl Read, cap: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    reader.take(cap.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > cap { Err(ReadError::TooLarge) } else { Ok(bytes) }
}

/// Undoes the `Content-Encoding` of a stored body. Archives keep the header even where the tool that wrote them
/// has already decompressed, so bytes that are not in the stated coding are taken as they are.
pub(super) fn undo_content_encoding(body: Vec<u8>, encodings: &str, cap: u64) -> Result<Vec<u8>, ReadError> {
    let mut body = body;
    for coding in encodings.rsplit(',').map(str::trim) {
        body = match coding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" if body.starts_with(b"\x1f\x8b") => read_capped(MultiGzDecoder::new(&body[..]), cap)?,
            "deflate" if is_zlib(&body) => read_capped(ZlibDecoder::new(&body[..]), cap)?,
            "deflate" => or_plain(read_capped(DeflateDecoder::new(&body[..]), cap), body)?,
            // Not Brotli as the Web knows it (RFC 7932 §9.1): windows of up to 1 GiB.
            "br" if body.first().is_some_and(|byte| byte & 0x7f == 0x11) => {
                or_plain(Err(ReadError::Other(io::ErrorKind::InvalidData.into())), body)?
            }
            "br" => or_plain(read_capped(brotli::Decompressor::new(&body[..], 4096), cap), body)?,
            "zstd" if body.starts_with(b"\x28\xb5\x2f\xfd") => {
                let mut decoder = zstd::stream::read::Decoder::new(&body[..])?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                read_capped(decoder, cap)?
            }
            _ => body,
        };
    }
    Ok(body)
}

fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [cmf, flg, ..] if cmf & 0x0f == 8 && (u16::from(*cmf) * 256 + u16::from(*flg)) % 31 == 0)
}

/// For codings without a magic number: the body itself, where it reads as text.
fn or_plain(decoded: Result<Vec<u8>, ReadError>, body: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    match decoded {
        Err(ReadError::Truncated | ReadError::Other(_)) if std::str::from_utf8(&body).is_ok() => Ok(body),
        decoded => decoded,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_coding_is_undone() {
        let page = b"<p>bonjour</p>".repeat(50);
        let mut br = Vec::new();
        brotli::CompressorWriter::new(&mut br, 4096, 5, 20).write_all(&page).unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&page).unwrap();
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        raw.write_all(&page).unwrap();
        for (coding, bytes) in [
            ("gzip", gzip(&page)),
            ("br", br.clone()),
            ("zstd", zstd::encode_all(&page[..], 1).unwrap()),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("br, gzip", gzip(&br)),
            ("identity", page.clone()),
        ] {
            assert_eq!(undo_content_encoding(bytes, coding, 1000).unwrap(), page, "{coding}");
        }
    }

    #[test]
    fn a_header_that_outlived_its_coding_does_no_harm() {
        for coding in ["gzip", "br", "deflate", "zstd"] {
            let plain = b"<p>deja decompresse</p>".to_vec();
            assert_eq!(undo_content_encoding(plain.clone(), coding, 1000).unwrap(), plain, "{coding}");
        }
    }

    #[test]
    fn bombs_and_cut_data_are_told_apart() {
        let bomb = gzip(&vec![b'a'; 1_000_000]);
        assert!(matches!(undo_content_encoding(bomb, "gzip", 1000), Err(ReadError::TooLarge)));
        let wide = vec![0x11, 30, 0x80, 0xff];
        assert!(matches!(undo_content_encoding(wide, "br", 1000), Err(ReadError::Other(_))));
        let mut cut = gzip(b"bonjour bonjour bonjour");
        cut.truncate(cut.len() - 9);
        assert!(matches!(undo_content_encoding(cut, "gzip", 1000), Err(ReadError::Truncated)));
    }
}
