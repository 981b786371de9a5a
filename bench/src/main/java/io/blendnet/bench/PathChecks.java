package io.blendnet.bench;

import static io.blendnet.bench.SecurityCheck.holds;
import static io.blendnet.bench.SecurityCheck.unless;

import io.blendnet.bench.SecurityTarget.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Paths and names that lead out of a folder, on any system. */
final class PathChecks {
  private static final String PATHS = "Path traversal: files of a task";
  private static final String NAMES = "Path traversal: names";

  /** What every path ends in: a file of that name must appear nowhere. */
  private static final String MARK = "evil-9c1f";

  /** SHA-1 of {@code x}. */
  private static final String SUM = "11f6ad8ec52a2984abaafd7c3b516503785c2072";

  /** What must be refused. */
  private static final List<String> REFUSED =
      List.of(
          "../" + MARK,
          "../../../../../../../../tmp/" + MARK,
          "a/../../" + MARK,
          "a/b/../../../" + MARK,
          "./../" + MARK,
          "//../" + MARK,
          "%2e%2e/" + MARK,
          "%2E%2E%2F" + MARK,
          "..%2f" + MARK,
          "a%2f..%2f..%2f" + MARK,
          "%2e./" + MARK,
          ".%2e/" + MARK,
          "..%5c" + MARK,
          "..\\" + MARK,
          "a\\..\\..\\" + MARK,
          "%5c%5cserver%5cshare%5c..%5c" + MARK,
          "/etc/../tmp/" + MARK,
          "C:%5c..%5c" + MARK,
          "%c0%ae%c0%ae/" + MARK,
          "%e0%80%ae%e0%80%ae/" + MARK,
          "%c0%af" + MARK,
          "%ff" + MARK,
          "a%00/" + MARK,
          MARK + "%00.png",
          "a%0a" + MARK,
          "a%7f" + MARK,
          "%",
          "%2",
          "%zz" + MARK,
          "..",
          "a/..",
          "a".repeat(256) + "/" + MARK,
          "a/".repeat(2_100) + MARK);

  /** What is a name as any other on the submitting machine: kept with its content, never opened. */
  private static final List<String> KEPT =
      List.of(
          "%252e%252e%252f" + MARK,
          "%25%32%65%25%32%65/" + MARK,
          ".../" + MARK,
          "~/" + MARK,
          "$HOME/" + MARK,
          "C:/Windows/" + MARK,
          "%5c%5cserver%5cshare%5c" + MARK,
          "%5c%5c?%5cC:%5c" + MARK,
          "CON/" + MARK,
          MARK + ":stream",
          MARK + ".",
          MARK + "%20",
          "%ef%bc%8e%ef%bc%8e/" + MARK,
          "/proc/self/" + MARK);

  /** What must be refused where no percent sign is decoded: in JSON. */
  static final List<String> LEADING_OUT =
      List.of(
          "../" + MARK,
          "../../../../../../../../tmp/" + MARK,
          "a/../../" + MARK,
          "./../" + MARK,
          "//../" + MARK,
          "///../" + MARK,
          "..\\" + MARK,
          "a\\..\\..\\" + MARK,
          "a/..\\../" + MARK,
          "\\\\server\\share\\..\\" + MARK,
          "\\\\?\\C:\\..\\" + MARK,
          "/etc/../tmp/" + MARK,
          "C:/../" + MARK,
          "C:\\..\\" + MARK,
          "C:../../" + MARK,
          "a\u0000/" + MARK,
          MARK + "\u0000.png",
          "a\n" + MARK,
          "a\r" + MARK,
          "a\u007f" + MARK,
          "",
          "/",
          "//",
          "\\",
          ".",
          "./.",
          "..",
          "a/..",
          "a".repeat(256) + "/" + MARK,
          "a/".repeat(2_100) + MARK);

  /** What is a name as any other in JSON. */
  static final List<String> NAMES_ALONE =
      List.of(
          "%2e%2e/" + MARK,
          "..%2f" + MARK,
          "%2e%2e%5c" + MARK,
          ".../" + MARK,
          "~/" + MARK,
          "$HOME/" + MARK,
          "C:/Windows/" + MARK,
          "C:" + MARK,
          "\\\\server\\share\\" + MARK,
          "\\\\?\\C:\\" + MARK,
          "CON/" + MARK,
          "LPT1." + MARK,
          MARK + ":stream",
          MARK + ".",
          MARK + " ",
          "\uff0e\uff0e/" + MARK,
          "\u2025/" + MARK,
          "\ud800" + MARK,
          "/proc/self/" + MARK);

  private PathChecks() {}

  static List<SecurityCheck> all() {
    List<SecurityCheck> checks = new ArrayList<>();
    for (String path : REFUSED) {
      checks.add(
          new SecurityCheck(
              PATHS,
              "refused: `" + shortened(path) + "`",
              target -> {
                Answer put = put(target, path);
                Answer get = target.get("task/paths/file/" + path);
                return unless(put.isRefusal() && get.isRefusal(), put + ", " + get)
                    .or(() -> appeared(target));
              }));
    }
    for (String path : KEPT) {
      checks.add(
          new SecurityCheck(
              PATHS,
              "no more than a name: `" + shortened(path) + "`",
              target -> {
                Answer put = put(target, path);
                return unless(put.status() == 200 || put.isRefusal(), put.toString())
                    .or(() -> appeared(target));
              }));
    }
    checks.add(
        new SecurityCheck(
            PATHS,
            "what a symbolic link in the server's data folder points to cannot be asked for",
            PathChecks::links));
    for (String name :
        List.of(
            "..",
            ".",
            "%2e%2e",
            "..%2f" + MARK,
            "..%5c" + MARK,
            "a%00",
            "a%0a",
            "%20",
            "a%20",
            "a.",
            "%c0%ae%c0%ae",
            "-rf%20%2f",
            "a:b",
            "a%7cb",
            "a%3cb%3e",
            "%ef%bc%8e",
            "a*")) {
      checks.add(
          new SecurityCheck(
              NAMES,
              "no task is called `" + name + "`",
              target -> {
                Answer put =
                    target.call(
                        "PUT", "task/" + name + "/file/a", "X-Checksum-Sha1: " + SUM + "\r\n", "x");
                return unless(put.isRefusal(), put.toString()).or(() -> appeared(target));
              }));
    }
    checks.add(
        new SecurityCheck(
            NAMES,
            "results, deliveries, blobs and agents have no such names either",
            target -> {
              for (String path :
                  List.of(
                      "task/paths/status/result/..%2f..%2fpassword",
                      "task/paths/output/..%2f..%2fpassword",
                      "work/delivery/..%2f..%2fpassword",
                      "work/blob/..%2f..%2fpassword",
                      "agent/..%2f..%2fpassword/log",
                      "agent/../log",
                      "../../../../etc/passwd",
                      "..%2f..%2f..%2fetc%2fpasswd",
                      "openapi.json/../../../password")) {
                Answer answer = target.get(path);
                if (!answer.isRefusal()) {
                  return Optional.of(path + ": " + answer);
                }
              }
              return holds();
            }));
    return checks;
  }

  private static Answer put(SecurityTarget target, String path) throws IOException {
    return target.call("PUT", "task/paths/file/" + path, "X-Checksum-Sha1: " + SUM + "\r\n", "x");
  }

  /** Whether a file has got a name from a path. */
  static Optional<String> appeared(SecurityTarget target) {
    Path room = target.room();
    for (Path place : List.of(room, Path.of("/tmp"), Path.of("."))) {
      try (Stream<Path> all = Files.walk(place, place.equals(room) ? 20 : 1)) {
        Optional<Path> found =
            all.filter(file -> file.getFileName().toString().contains(MARK)).findFirst();
        if (found.isPresent()) {
          return found.map(file -> "there is a file " + file);
        }
      } catch (IOException | java.io.UncheckedIOException e) {
        // Folders of others, and what goes while we look.
      }
    }
    return holds();
  }

  /** Links that somebody has put there: nothing that is asked for leads over a name of theirs. */
  private static Optional<String> links(SecurityTarget target) throws IOException {
    Path secret = Files.writeString(target.folder().resolve("outside"), "OUTSIDE-9c1f\n");
    List<Path> links = new ArrayList<>();
    try {
      for (Path place : List.of(target.server().data(), target.server().data().resolve("blobs"))) {
        links.add(Files.createSymbolicLink(place.resolve("link-" + MARK.length()), secret));
      }
      for (String path :
          List.of(
              "task/link-9/file/link-9",
              "task/paths/file/link-9",
              "task/paths/file/blobs/link-9",
              "work/blob/link-9",
              "work/delivery/link-9",
              "task/paths/output/link-9",
              "task/paths/status/result/link-9")) {
        Answer answer = target.get(path);
        if (answer.text().contains("OUTSIDE-9c1f") || !answer.isRefusal()) {
          return Optional.of(path + ": " + answer);
        }
      }
      return holds();
    } finally {
      for (Path link : links) {
        Files.delete(link);
      }
      Files.delete(secret);
    }
  }

  static String shortened(String path) {
    return path.length() <= 60
        ? path
        : path.substring(0, 24) + "...` (" + path.length() + " bytes) `" + MARK;
  }
}
