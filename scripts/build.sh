# Builds the program into a folder of its own under .blendnet/; sourced by ./blendnet after setup.sh when sources are
# newer than the last build. Builds wait for each other; a running program keeps the folder it was started from.

# A lock that is given up when this process ends, however it ends.
take_lock() {
  if ! command -v flock >/dev/null 2>&1; then
    take_lock_folder
    return
  fi
  exec 9>"$root/.blendnet/lock"
  flock -n 9 && return
  say "waits for another build to end"
  flock 9
}

release_lock() {
  exec 9>&-
  rm -rf "$root/.blendnet/lock.folder"
}

# Where there is no flock (macOS): a folder with the holder's process number in it.
take_lock_folder() {
  until mkdir "$root/.blendnet/lock.folder" 2>/dev/null; do
    holder=$(cat "$root/.blendnet/lock.folder/pid" 2>/dev/null || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      rm -rf "$root/.blendnet/lock.folder"
    else
      sleep 1
    fi
  done
  echo $$ >"$root/.blendnet/lock.folder/pid"
  trap 'rm -rf "$root/.blendnet/lock.folder"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

build() {
  mkdir -p "$root/.blendnet"
  take_lock
  # Somebody else may just have built it.
  if find_build; then
    release_lock
    return
  fi
  say "builds the program (only when its sources have changed); Maven fetches the libraries that are not there yet"
  need_maven_wrapper
  id=$(date +%Y%m%d-%H%M%S)-$$
  new=$root/.blendnet/build-$id
  mkdir -p "$new"
  # Older than every source that changes while we build: such a change is built next time.
  : >"$new/stamp"
  log=$root/.blendnet/build.log
  if ! (cd "$root" && ./mvnw -B -ntp -pl cli -am -Dmaven.test.skip=true -Dspotless.check.skip=true "-Dblendnet.lib=$new/lib" package) \
    >"$log" 2>&1 </dev/null; then
    rm -rf "$new"
    grep -E '^\[ERROR\]' "$log" | head -n 30 >&2 || tail -n 30 "$log" >&2
    fail "the build failed (the whole log: $log)."
  fi
  cp "$root"/cli/target/cli-*-SNAPSHOT.jar "$new/lib/blendnet.jar"
  : >"$new/in-use"
  printf '%s\n' "$id" >"$root/.blendnet/current.new"
  mv "$root/.blendnet/current.new" "$root/.blendnet/current"
  exec 8<&- # our own hold on the build before
  sweep_builds
  release_lock
}

# Removes builds that nobody runs any more. A program holds its build's lock while it runs (see ./blendnet).
sweep_builds() {
  for old in "$root"/.blendnet/build-*/; do
    old=${old%/}
    [ "$old" = "$root/.blendnet/build-$id" ] && continue
    if [ ! -e "$old/in-use" ]; then
      rm -rf "$old" # a build that was cut short
    elif command -v flock >/dev/null 2>&1; then
      flock -n -x "$old/in-use" rm -rf "$old" || true
    elif [ -n "$(find "$old/stamp" -mtime +7)" ]; then
      rm -rf "$old"
    fi
  done
}

# Makes the AOT cache of this build for this JDK: the JVM watches one representative run, and later starts in half the
# time. Without a cache everything works, only slower; so a failure here is no failure.
train() {
  take_lock
  if [ ! -e "$aot" ]; then
    scratch=$build/training-$$
    mkdir -p "$scratch"
    # shellcheck disable=SC2086 # $java_flags is a list of words
    "$JAVA_HOME/bin/java" $java_flags "-XX:AOTCacheOutput=$scratch/aot" -jar "$build/lib/blendnet.jar" \
      warm-up --folder "$scratch/farm" >"$root/.blendnet/training.log" 2>&1 </dev/null || true
    if [ -s "$scratch/aot" ]; then
      mv "$scratch/aot" "$aot"
    else
      # Not tried again for this build.
      : >"$aot"
    fi
    rm -rf "$scratch"
  fi
  release_lock
}
