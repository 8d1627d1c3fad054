//! What columns mean, written into the files that have room for it: Parquet and Arrow IPC.

use std::sync::Arc;

use data_encoding::BASE64;
use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::CompatLevel;
use polars_arrow::datatypes::{ArrowSchema, Field, Metadata};
use polars_arrow::io::ipc::write::{default_ipc_fields, schema_to_bytes};

use super::package::resource;
use crate::table::{Column, polars_schema};

/// Key of the table's entry of a data package.
const PACKAGE: &str = "datapackage";
/// Key under which Parquet files keep their schema as Arrow has it (<https://arrow.apache.org/docs/cpp/parquet.html>).
const ARROW_SCHEMA: &str = "ARROW:schema";

/// The schema with each column's description, type and unit.
pub(super) fn arrow_schema(columns: &[Column]) -> ArrowSchema {
    let plain = polars_schema(columns);
    let described = columns.iter().zip(plain.iter_values()).map(|(column, dtype)| {
        let mut facts = Metadata::default();
        let mut add = |key: &'static str, value: &str| {
            if !value.is_empty() {
                facts.insert(key.into(), value.into());
            }
        };
        add("description", &column.description);
        add("type", column.kind.as_str());
        add("unit", column.unit);
        let name = column.name.as_str().into();
        let field = Field::new(name, dtype.to_arrow(CompatLevel::newest()), true);
        (field.name.clone(), field.with_metadata(facts))
    });
    described.collect()
}

/// The same, and the table's entry of a data package, as Parquet keeps them for the whole file. Readers that know Arrow take the metadata of the
/// schema for the file's, others see the pairs of the file: the package is in both.
pub(super) fn parquet_metadata(columns: &[Column]) -> KeyValueMetadata {
    let schema = arrow_schema(columns);
    let message = schema_to_bytes(&schema, &default_ipc_fields(schema.iter_values()), Some(&arrow_metadata(columns)));
    // As Arrow frames a message: a mark, its length, the message.
    let framed = [&[0xff; 4][..], &(message.len() as u32).to_le_bytes(), &message].concat();
    KeyValueMetadata::from_static(vec![
        (PACKAGE.to_owned(), package(columns)),
        (ARROW_SCHEMA.to_owned(), BASE64.encode(&framed)),
    ])
}

/// The same, as Arrow IPC keeps them for the whole file.
pub(super) fn arrow_metadata(columns: &[Column]) -> Arc<Metadata> {
    Arc::new([(PACKAGE.into(), package(columns).into())].into_iter().collect())
}

fn package(columns: &[Column]) -> String {
    columns.first().map(|column| resource(column.table, columns).to_string()).unwrap_or_default()
}
