use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The id of what these words name, the same in every run (a UUID of version 8).
pub(super) fn guid(kind: &str, names: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for name in [&["causerie", kind], names].concat() {
        // The length keeps `ab`, `c` from being `a`, `bc`.
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_names_apart_and_stay() {
        assert_eq!(guid("code", &["distrust"]), guid("code", &["distrust"]));
        assert_ne!(guid("code", &["ab", "c"]), guid("code", &["a", "bc"]));
        assert_ne!(guid("code", &["anne"]), guid("person", &["anne"]));
    }
}
