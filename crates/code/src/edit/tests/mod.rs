mod fixture;
mod options;
mod properties;
