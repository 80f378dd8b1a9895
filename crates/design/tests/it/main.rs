//! The design side against real files and hostile ones.

mod example;
mod hostile;
mod real_files;
mod shared;
mod spectrum_schemas;
