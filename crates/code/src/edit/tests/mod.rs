mod connections;
mod fixture;
mod options;
mod properties;
mod refusals;
mod rescan;
mod stories;
