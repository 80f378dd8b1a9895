mod connections;
mod fixture;
mod laws;
mod options;
mod properties;
mod refusals;
mod rescan;
mod stories;
