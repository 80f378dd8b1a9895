//! The same files give the same result, whichever thread was faster, and whether it was kept or not.

use lockstep_code::{ScanOptions, scan};
use lockstep_testkit::npm::npm_package;

#[test]
fn a_library_is_read_alike_every_time() {
    for (name, version) in [("@radix-ui/themes", "3.3.0"), ("@workday/canvas-kit-react", "16.1.1")] {
        let folder = npm_package(name, version).unwrap();
        let first = scan(&ScanOptions::new(&folder, "")).unwrap();
        assert!(!first.components.is_empty());
        for _ in 0..4 {
            assert_eq!(scan(&ScanOptions::new(&folder, "")).unwrap(), first, "{name}");
        }
        let cache = tempfile::tempdir().unwrap();
        let kept = ScanOptions { cache: Some(cache.path().to_owned()), ..ScanOptions::new(&folder, "") };
        for _ in 0..2 {
            assert_eq!(scan(&kept).unwrap(), first, "{name}, kept");
        }
        assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 1, "{name} was kept");
    }
}
