package io.blendnet.blender;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code bwrap(1)}: namespaces and an empty root into which is mounted what the program may see.
 *
 * <p>As root no user namespace is needed, which some systems forbid; {@code setpriv(1)} makes the
 * program another user then. As any other user it stays that user, in a user namespace of its own,
 * and what it must not change is mounted read-only.
 */
final class Bubblewrap implements Sandbox {
  private static final Logger log = LoggerFactory.getLogger(Bubblewrap.class);

  /** {@code nobody} on every Linux of today; the number of a user that the kernel cannot name. */
  private static final int UNPRIVILEGED = 65_534;

  private static final String USER = Integer.toString(UNPRIVILEGED);

  /** {@code --disable-userns} is new in this version. */
  private static final Version CLOSES_USER_NAMESPACES = new Version(0, 8, 0);

  private static final Path DEVICES = Path.of("/dev");

  /** Graphics cards: NVIDIA, DRM (AMD, Intel), AMD's compute, Windows' subsystem for Linux. */
  private static final String CARDS = "{nvidia*,dri,kfd,dxg}";

  private static final Path USER_NAMESPACES =
      Path.of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");

  /** Programs and libraries, where they are no links into /usr. */
  private static final List<String> SYSTEM =
      List.of("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");

  /** Of other distributions, and what fonts and drivers need. */
  private static final List<String> MORE_OF_THE_SYSTEM =
      List.of(
          "/nix/store",
          "/gnu/store",
          "/run/opengl-driver",
          "/var/cache/fontconfig",
          "/etc/OpenCL",
          "/etc/alternatives",
          "/etc/blender",
          "/etc/drirc",
          "/etc/egl",
          "/etc/fonts",
          "/etc/glvnd",
          "/etc/group",
          "/etc/ld.so.cache",
          "/etc/ld.so.conf",
          "/etc/ld.so.conf.d",
          "/etc/localtime",
          "/etc/mime.types",
          "/etc/nsswitch.conf",
          "/etc/nvidia",
          "/etc/passwd",
          "/etc/timezone",
          "/etc/vulkan");

  private static final List<String> FOR_THE_NETWORK =
      List.of(
          "/etc/ca-certificates",
          "/etc/gai.conf",
          "/etc/host.conf",
          "/etc/hosts",
          "/etc/pki",
          "/etc/protocols",
          "/etc/resolv.conf",
          "/etc/services",
          "/etc/ssl/certs",
          "/etc/ssl/openssl.cnf");

  private record Version(int major, int minor, int patch) {
    /** From {@code bubblewrap 0.8.0}. */
    static Version of(String words) {
      String[] numbers = words.replaceAll("[^0-9.]", "").split("\\.", -1);
      int[] parts =
          IntStream.range(0, 3)
              .map(i -> i < numbers.length && !numbers[i].isEmpty() ? number(numbers[i]) : 0)
              .toArray();
      return new Version(parts[0], parts[1], parts[2]);
    }

    private static int number(String digits) {
      return Integer.parseInt(digits.substring(0, Math.min(digits.length(), 6)));
    }

    boolean isAtLeast(Version other) {
      return major != other.major
          ? major > other.major
          : minor != other.minor ? minor > other.minor : patch >= other.patch;
    }

    @Override
    public String toString() {
      return major + "." + minor + "." + patch;
    }
  }

  private final Path program;
  private final Version version;

  /** Makes the program another user; empty where we are not root. */
  private final List<String> asAnother;

  private final List<Path> cards;

  private Bubblewrap(Path program, Version version, List<String> asAnother, List<Path> cards) {
    this.program = program;
    this.version = version;
    this.asAnother = asAnother;
    this.cards = cards;
  }

  /** Looks for it and tries it; takes some milliseconds. */
  static SandboxSearch find() {
    return find(isRoot());
  }

  static SandboxSearch find(boolean asRoot) {
    List<Path> programs = Executables.onPath(List.of("bwrap"));
    if (programs.isEmpty()) {
      return new SandboxSearch.Missing(
          "bubblewrap is not installed (on Debian: apt-get install bubblewrap).");
    }
    List<Path> cards = cards();
    List<String> asAnother = List.of();
    if (asRoot) {
      List<Path> setpriv = Executables.onPath(List.of("setpriv"));
      if (setpriv.isEmpty()) {
        return new SandboxSearch.Missing(
            "the program setpriv is not installed (on Debian: apt-get install util-linux).");
      }
      asAnother = asAnother(setpriv.getFirst(), cards);
    }
    Path program = programs.getFirst();
    Outcome asked = run(List.of(program.toString(), "--version"));
    Bubblewrap found = new Bubblewrap(program, Version.of(asked.said()), asAnother, cards);
    Confinement nothing = new Confinement(found, false, List.of(), List.of());
    Outcome tried = run(found.around(List.of("true"), Path.of("/"), nothing));
    return tried.done()
        ? new SandboxSearch.Found(found)
        : new SandboxSearch.Missing(found.reason(tried));
  }

  private String reason(Outcome tried) {
    String said =
        tried.said().isBlank()
            ? "it ended without a word"
            : tried.said().lines().toList().getLast();
    String hint = "";
    if (asAnother.isEmpty() && restrictsUserNamespaces()) {
      hint =
          " AppArmor keeps users from making namespaces on this computer; it needs a profile that"
              + " allows them to "
              + program
              + ".";
    }
    return "bubblewrap does not work here: " + said + "." + hint;
  }

  private static boolean restrictsUserNamespaces() {
    try {
      return Files.readString(USER_NAMESPACES).strip().equals("1");
    } catch (IOException e) {
      return false; // not a kernel of Ubuntu's
    }
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      log.debug("Cannot tell which user we are: {}", e.toString());
      return false;
    }
  }

  private static List<Path> cards() {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(DEVICES, CARDS)) {
      devices.forEach(found::add);
    } catch (IOException e) {
      log.debug("Cannot list {}: {}", DEVICES, e.toString());
    }
    return found;
  }

  private static List<String> asAnother(Path setpriv, List<Path> cards) {
    Set<Integer> groups = groupsOf(cards);
    List<String> words = new ArrayList<>();
    words.addAll(List.of(setpriv.toString(), "--reuid", USER, "--regid", USER));
    if (groups.isEmpty()) {
      words.add("--clear-groups");
    } else {
      words.add("--groups");
      words.add(groups.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    words.addAll(List.of("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"));
    return words;
  }

  /** Whose members may use the graphics cards: {@code video} and {@code render}, mostly. */
  private static Set<Integer> groupsOf(List<Path> cards) {
    Set<Integer> groups = new LinkedHashSet<>();
    for (Path card : cards) {
      if (!Files.isDirectory(card)) {
        addGroup(groups, card);
        continue;
      }
      try (DirectoryStream<Path> nodes = Files.newDirectoryStream(card)) {
        nodes.forEach(node -> addGroup(groups, node));
      } catch (IOException e) {
        log.debug("Cannot list {}: {}", card, e.toString());
      }
    }
    return groups;
  }

  private static void addGroup(Set<Integer> groups, Path node) {
    try {
      int group = (Integer) Files.getAttribute(node, "unix:gid");
      if (group != 0
          && Files.getPosixFilePermissions(node).contains(PosixFilePermission.GROUP_READ)) {
        groups.add(group);
      }
    } catch (IOException e) {
      log.debug("Cannot look at {}: {}", node, e.toString());
    }
  }

  private record Outcome(boolean done, String said) {}

  private static Outcome run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = process.waitFor(5, TimeUnit.SECONDS);
      process.destroyForcibly();
      return new Outcome(ended && process.exitValue() == 0, said.strip());
    } catch (IOException e) {
      return new Outcome(false, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome(false, "interrupted");
    }
  }

  @Override
  public String description() {
    return "bubblewrap "
        + version
        + (asAnother.isEmpty() ? ", in a user namespace" : ", as user " + USER);
  }

  @Override
  public List<String> around(List<String> command, Path folder, Confinement confinement) {
    Mounts mounts = new Mounts();
    mounts.add("--die-with-parent", "--unshare-ipc", "--unshare-pid", "--unshare-uts");
    mounts.add("--unshare-cgroup-try", "--hostname", "blender", "--cap-drop", "ALL");
    if (!confinement.network()) {
      mounts.add("--unshare-net");
    }
    if (asAnother.isEmpty()) {
      mounts.add("--unshare-user");
      if (version.isAtLeast(CLOSES_USER_NAMESPACES)) {
        mounts.add("--disable-userns");
      }
    } else {
      // For setpriv, which gives them up.
      mounts.add("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP");
    }
    mountSystem(mounts, confinement.network());
    // Before what may lie below it. Not the session's folder for temporary files, which TMPDIR
    // names: a mount point in that would be made on the disk.
    mounts.add("--perms", "1777", "--tmpfs", "/tmp");
    confinement.readable().stream()
        .filter(path -> !isOfTheSystem(path))
        .forEach(path -> mounts.bind("--ro-bind", path));
    confinement.writable().forEach(path -> mounts.bind("--bind", path));
    mounts.add("--remount-ro", "/", "--chdir", folder.toString(), "--");
    List<String> words = new ArrayList<>();
    words.add(program.toString());
    words.addAll(mounts.words);
    words.addAll(asAnother);
    words.addAll(command);
    return words;
  }

  private void mountSystem(Mounts mounts, boolean network) {
    mounts.add("--ro-bind", "/usr", "/usr");
    for (String name : SYSTEM) {
      Path path = Path.of(name);
      if (Files.isSymbolicLink(path)) {
        mounts.link(path);
      } else if (Files.isDirectory(path)) {
        mounts.bind("--ro-bind", path);
      }
    }
    mounts.bindAll(MORE_OF_THE_SYSTEM);
    if (network) {
      mounts.bindAll(FOR_THE_NETWORK);
    }
    mounts.add("--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm");
    cards.forEach(card -> mounts.bind("--dev-bind", card));
    // Drivers find their card here; all others want to know the processors.
    mounts.bind("--ro-bind", Path.of(cards.isEmpty() ? "/sys/devices/system" : "/sys"));
  }

  private static boolean isOfTheSystem(Path path) {
    return path.startsWith("/usr") || SYSTEM.stream().anyMatch(path::startsWith);
  }

  /** Words of bwrap's, and folders that are there already. */
  private static final class Mounts {
    private final List<String> words = new ArrayList<>();
    private final Set<Path> folders = new LinkedHashSet<>();

    void add(String... more) {
      words.addAll(List.of(more));
    }

    void bind(String how, Path path) {
      makeFolders(path);
      add(how, path.toString(), path.toString());
    }

    void bindAll(List<String> names) {
      names.stream().map(Path::of).filter(Files::exists).forEach(path -> bind("--ro-bind", path));
    }

    void link(Path link) {
      try {
        add("--symlink", Files.readSymbolicLink(link).toString(), link.toString());
      } catch (IOException e) {
        log.debug("Cannot read the link {}: {}", link, e.toString());
      }
    }

    /** The folders above a mount point: those that bwrap makes itself are for root alone. */
    private void makeFolders(Path path) {
      Path root = path.getRoot();
      for (int length = 1; root != null && length < path.getNameCount(); length++) {
        Path folder = root.resolve(path.subpath(0, length));
        boolean isMounted = List.of("/dev", "/proc", "/usr").contains(folder.toString());
        if (!isMounted && folders.add(folder)) {
          add("--perms", "0755", "--dir", folder.toString());
        }
      }
    }
  }

  /** bwrap outside, which waits, and bwrap inside, the first process of the namespace. */
  @Override
  public int processesAround() {
    return 2;
  }

  @Override
  public void letRead(Path path) throws IOException {
    if (asAnother.isEmpty()) {
      return;
    }
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    permissions.addAll(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    Files.setAttribute(path, "unix:gid", UNPRIVILEGED, LinkOption.NOFOLLOW_LINKS);
    permissions.add(PosixFilePermission.GROUP_READ);
    if (permissions.contains(PosixFilePermission.OWNER_EXECUTE)) {
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
    }
    Files.setPosixFilePermissions(path, permissions);
  }

  @Override
  public void letWrite(Path folder) throws IOException {
    if (!asAnother.isEmpty()) {
      Files.setAttribute(folder, "unix:gid", UNPRIVILEGED, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(folder, "unix:uid", UNPRIVILEGED, LinkOption.NOFOLLOW_LINKS);
    }
  }
}
