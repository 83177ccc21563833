# What the tests need from the system: installed where this user may, else named in one line. Sourced by ../dev.
system_packages() {
  local missing=()
  command -v chromium >/dev/null || missing+=(chromium)
  /sbin/ldconfig -p 2>/dev/null | grep -c 'libatomic\.so\.1' >/dev/null || missing+=(libatomic1) # Playwright's driver links it
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql)
  [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}" || say "the tests that need them are skipped, each saying so"
}
