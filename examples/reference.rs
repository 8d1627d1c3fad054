//! Writes docs/reference/ from the code: `cargo run --example reference`.

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    fs::create_dir_all(&folder)?;
    for (name, page) in causerie::cli::reference() {
        fs::write(folder.join(name), page)?;
    }
    Ok(())
}
