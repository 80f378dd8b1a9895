-- Sessions that run are looked for at each start, and the newest of all stories are listed.

CREATE INDEX browser_test_sessions_running ON browser_test_sessions (start_time, id) WHERE status = 'running';
CREATE INDEX browser_test_sessions_start_time ON browser_test_sessions (start_time DESC, id);
