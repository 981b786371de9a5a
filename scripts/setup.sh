# Shell parts that ./blendnet and ./check share; sourced, with $root set to the repository's root.
# POSIX sh; nothing here may cost a process while everything is in place.

# Exit code for "this computer lacks something", the same as the program's own.
environment_failure=3

say() {
  printf '%s\n' "blendnet: $*" >&2
}

fail() {
  say "$@"
  exit "$environment_failure"
}

# Without a UTF-8 locale, Java cannot spell file names outside ASCII; a locale that is named may not be installed.
[ ! -d /proc ] || export LC_ALL=C.UTF-8 # Linux; others have UTF-8 file names in any locale

# --- the JDK -----------------------------------------------------------------------------------------------------------

# Sets jdk_version (25), jdk_id (names the build, for the AOT cache) of the JDK at $1; false when there is none.
describe_jdk() {
  jdk_version= jdk_id=
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS='=' read -r name value; do
    value=${value#\"}
    value=${value%\"}
    case $name in
      JAVA_VERSION) jdk_version=${value%%[!0-9]*} ;;
      JAVA_RUNTIME_VERSION | IMPLEMENTOR | OS_ARCH) jdk_id=$jdk_id-$value ;;
    esac
  done <"$1/release"
  jdk_id=${jdk_id#-}
  [ -n "$jdk_version" ]
}

# Sets and exports JAVA_HOME to a JDK 25 or newer, wherever there is one; an older one may come first on PATH.
find_jdk() {
  on_path=$(command -v javac || true)
  if [ -n "$on_path" ]; then
    on_path=$(readlink -f "$on_path" 2>/dev/null || printf %s "$on_path")
    on_path=${on_path%/bin/javac}
  fi
  newer=
  for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/java/* /opt/jdk* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$candidate" ] && [ -x "$candidate/bin/javac" ] || continue
    describe_jdk "$candidate" || continue
    [ "$jdk_version" -ge 25 ] || continue
    # The user's own choice and the tested version come first; a newer one serves when there is no other.
    if [ "$candidate" = "${JAVA_HOME:-}" ] || [ "$candidate" = "$on_path" ] || [ "$jdk_version" -eq 25 ]; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
    [ -n "$newer" ] || newer=$candidate
  done
  [ -n "$newer" ] || fail "no JDK 25 or newer found (looked at JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks)." \
    "Install one, such as Eclipse Temurin 25, and set JAVA_HOME to its folder."
  describe_jdk "$newer"
  JAVA_HOME=$newer
  export JAVA_HOME
}

# --- packages ----------------------------------------------------------------------------------------------------------

is_there() {
  case $1 in
    /*)
      # A pattern: the first match has to exist.
      for match in $1; do
        [ -e "$match" ]
        return
      done
      ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

# Sets missing and reasons to what is missing of the given groups of packages.txt.
find_missing() {
  missing= reasons=
  while read -r group package probe reason; do
    case " $* " in
      *" $group "*) ;;
      *) continue ;;
    esac
    is_there "$probe" && continue
    missing="$missing $package"
    reasons="$reasons
  $package: $reason"
  done <"$root/scripts/packages.txt"
}

# Installs what is missing of the given groups. Says nothing when nothing is.
need_packages() {
  find_missing "$@"
  [ -z "$missing" ] || install_packages
}

# The same, where it can be done without asking anybody; tried once.
want_packages() {
  find_missing "$@"
  tried=$root/.blendnet/packages-tried
  [ -n "$missing" ] && [ ! -e "$tried" ] && command -v apt-get >/dev/null 2>&1 || return 0
  [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null || return 0
  mkdir -p "$root/.blendnet"
  : >"$tried"
  (install_packages) || say "goes on without it"
}

install_packages() {
  by_hand="apt-get install --no-install-recommends$missing"
  say "needs what this computer lacks:$reasons"
  command -v apt-get >/dev/null 2>&1 ||
    fail "there is no apt-get here to install it with. Install it by this system's own means, and start again."
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      as_root=sudo
    else
      fail "only root may install packages. Run this once as root, and start again:" "$by_hand"
    fi
  fi
  say "installs it with apt-get, once; this takes a minute or two"
  mkdir -p "$root/.blendnet"
  log=$root/.blendnet/setup.log
  # The lock is waited for: a fresh machine often updates itself just then. env: sudo drops variables.
  apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300"
  $apt update >"$log" 2>&1 </dev/null || true # old lists may do; if not, the next line says so
  # shellcheck disable=SC2086 # $apt and $missing are lists of words
  if ! $apt install --no-install-recommends $missing >>"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    fail "apt-get could not install$missing (the whole log: $log). Install it by hand, and start again:" "$by_hand"
  fi
}

# A Blender on PATH will do. Debian's own needs packages that it only recommends.
need_blender() {
  blender=$(command -v blender || true)
  case $blender in
    '' | /usr/bin/blender | /bin/blender) need_packages render ;;
  esac
}

# Sets bpy_python to a Python that has Blender as its module bpy, in the version that pom.xml names: a folder of our own.
need_bpy() {
  version=$(sed -n 's:.*<bpy.version>\(.*\)</bpy.version>.*:\1:p' "$root/pom.xml")
  bpy=$root/.blendnet/bpy-$version
  bpy_python=$bpy/bin/python
  [ -e "$bpy/complete" ] && return 0
  need_packages bpy
  # The wheel is for this Python alone.
  python=
  for candidate in python3.11 python3 /usr/bin/python3.11; do
    if "$candidate" -c 'import sys, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  [ -n "$python" ] || fail "bpy $version needs a Python 3.11 with venv, which is not here. Install one, and start again."
  say "installs Blender $version as the Python module bpy into .blendnet, once; it fetches 350 MB"
  mkdir -p "$root/.blendnet"
  bpy_log=$root/.blendnet/bpy.log
  rm -rf "$bpy"
  if ! { "$python" -m venv "$bpy" && "$bpy_python" -m pip install --only-binary :all: "bpy==$version"; } \
    >"$bpy_log" 2>&1 </dev/null; then
    tail -n 15 "$bpy_log" >&2
    fail "pip could not install bpy $version (the whole log: $bpy_log). Is the registry of Python packages reachable?"
  fi
  : >"$bpy/complete"
}

# --- Maven -------------------------------------------------------------------------------------------------------------

# Makes ./mvnw, which fetches the Maven version that pom.xml names. It is made here and not kept in the repository
# because it names the registry that this computer's own Maven settings say.
need_maven_wrapper() {
  properties=$root/.mvn/wrapper/maven-wrapper.properties
  version=$(sed -n 's:.*<maven.version>\(.*\)</maven.version>.*:\1:p' "$root/pom.xml")
  [ -x "$root/mvnw" ] && grep -q "apache-maven-$version-" "$properties" 2>/dev/null && return 0
  need_packages build
  mkdir -p "$root/.blendnet"
  wrapper_log=$root/.blendnet/wrapper.log
  # .mvn/jvm.config is for the JDK that find_jdk found; MAVEN_OPTS of the user's may be for another.
  (cd "$root" && mvn -q -B -N wrapper:wrapper) >"$wrapper_log" 2>&1 </dev/null || {
    cat "$wrapper_log" >&2
    fail "could not make the Maven wrapper with '$(command -v mvn)' (see above)." \
      "Is the registry of Java packages reachable? A proxy or a mirror goes into ~/.m2/settings.xml."
  }
}
