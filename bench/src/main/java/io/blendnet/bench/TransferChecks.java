package io.blendnet.bench;

import static io.blendnet.bench.SecurityCheck.holds;
import static io.blendnet.bench.SecurityCheck.refused;
import static io.blendnet.bench.SecurityCheck.unless;

import io.blendnet.bench.SecurityTarget.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Files that come by their content, and ranges of results: what no honest client asks for. */
final class TransferChecks {
  private static final String RIGHTS = "Files by content: rights and verbs";
  private static final String OFFERS = "Files by content: offers";
  private static final String CONTENTS = "Files by content: contents and their rest";
  private static final String PACKS = "Files by content: packs";
  private static final String FILES = "Files by content: files of a task";
  private static final String RANGES = "Ranges of results";

  private static final String TEXT = "0123456789";
  private static final String SUM = sum(TEXT);

  /** Of what is never sent. */
  private static final String ABSENT = sum("nobody sends this");

  /** What names no content. */
  private static final List<String> NO_SUMS =
      List.of(
          "x",
          SUM.substring(1),
          SUM + "0",
          SUM.toUpperCase(Locale.ROOT),
          "g" + SUM.substring(1),
          "../" + SUM.substring(3),
          "-" + SUM.substring(1),
          " " + SUM.substring(1));

  /** The finished task of the Manager's whose results are asked for. */
  static final String TASK = "ranges";

  private TransferChecks() {}

  static List<SecurityCheck> all(SecurityTarget manager, SecurityTarget agent) {
    List<SecurityCheck> checks = new ArrayList<>();
    rights(checks, manager, agent);
    offers(checks);
    contents(checks);
    packs(checks);
    files(checks);
    ranges(checks);
    return checks;
  }

  private static void rights(
      List<SecurityCheck> checks, SecurityTarget manager, SecurityTarget agent) {
    Map<String, String> calls = new LinkedHashMap<>();
    calls.put("POST blob/missing", "{\"blobs\":[]}");
    calls.put("PUT blob/" + SUM, TEXT);
    calls.put("POST blob/pack", pack(SUM, TEXT.length(), TEXT));
    calls.put("PUT task/rights/files", "{\"files\":[]}");
    checks.add(
        new SecurityCheck(
            RIGHTS,
            "refused without a password, and with that of the farm's other server",
            target -> {
              SecurityTarget other = target.isManager() ? agent : manager;
              for (String signIn :
                  List.of("", SecurityTarget.authorization(other.user(), other.password()))) {
                for (var call : calls.entrySet()) {
                  Answer answer = target.send(request(call.getKey(), signIn, call.getValue()));
                  if (answer.status() != 401) {
                    return Optional.of(call.getKey() + ": " + answer);
                  }
                }
              }
              return holds();
            }));
    checks.add(
        new SecurityCheck(
            RIGHTS,
            "an agent of a farm takes contents from its Manager alone",
            _ -> {
              for (String header : List.of("", "X-BlendNet-Manager: another-farm;1;start\r\n")) {
                for (var call : calls.entrySet()) {
                  if (!call.getKey().contains(" blob/")) {
                    continue;
                  }
                  Answer answer =
                      agent.send(request(call.getKey(), agent.signIn() + header, call.getValue()));
                  if (answer.status() != 409) {
                    return Optional.of(call.getKey() + ": " + answer);
                  }
                }
              }
              return holds();
            }));
    checks.add(
        new SecurityCheck(
            RIGHTS,
            "other verbs are refused",
            eachRefused(
                List.of(
                    "GET blob/missing",
                    "DELETE blob/missing",
                    "GET blob/pack",
                    "PUT blob/pack",
                    "GET blob/" + SUM,
                    "POST blob/" + SUM,
                    "DELETE blob/" + SUM,
                    "PATCH blob/" + SUM,
                    "GET task/rights/files",
                    "POST task/rights/files",
                    "DELETE task/rights/files"),
                (target, call) -> target.send(request(call, target.signIn(), "{}")))));
    checks.add(
        new SecurityCheck(
            RIGHTS,
            "a page of another site may call none of them",
            target -> {
              for (var call : calls.entrySet()) {
                Answer answer =
                    target.send(
                        request(
                            call.getKey(),
                            target.signIn() + "Origin: https://evil.example\r\n",
                            call.getValue()));
                if (answer.status() != 403) {
                  return Optional.of(call.getKey() + ": " + answer);
                }
              }
              return holds();
            }));
  }

  private static void offers(List<SecurityCheck> checks) {
    Map<String, String> refused = new LinkedHashMap<>();
    refused.put("10,001 offers", offers(10_001));
    refused.put("more than 2 MiB", "{\"blobs\":[" + " ".repeat(2 << 20) + "]}");
    refused.put("a negative size", offer(SUM, "-1"));
    refused.put("a size of 2^63", offer(SUM, "9223372036854775808"));
    refused.put("a size of 100,000 digits", offer(SUM, "9".repeat(100_000)));
    refused.put("a size that is none", offer(SUM, "\"1\""));
    refused.put("an offer that is null", "{\"blobs\":[null]}");
    refused.put("no offers", "{}");
    refused.forEach((name, body) ->
        checks.add(refused(OFFERS, name, target -> post(target, "blob/missing", body))));
    checks.add(
        new SecurityCheck(
            OFFERS,
            "refused: hashes that are none",
            eachRefused(
                NO_SUMS, (target, none) -> post(target, "blob/missing", offer(none, "1")))));
  }

  private static void contents(List<SecurityCheck> checks) {
    checks.add(
        new SecurityCheck(
            CONTENTS,
            "refused: hashes that are none",
            eachRefused(
                NO_SUMS,
                (target, none) ->
                    target.call("PUT", "blob/" + none.replace(" ", "%20"), "", TEXT))));
    Map<String, String> ranges = new LinkedHashMap<>();
    ranges.put("of another unit", "lines 0-9/10");
    ranges.put("without a unit", "0-9/10");
    ranges.put("without a size", "bytes 0-9/*");
    ranges.put("of no bytes at all", "bytes */10");
    ranges.put("that ends before it begins", "bytes 9-0/10");
    ranges.put("with a negative beginning", "bytes -1-9/10");
    ranges.put("with a negative end", "bytes 0--9/10");
    ranges.put("with a negative size", "bytes 0-9/-10");
    ranges.put("beyond its size", "bytes 1-10/10");
    ranges.put("of more bytes than come", "bytes 0-99/100");
    ranges.put("of fewer bytes than come", "bytes 0-4/5");
    ranges.put("not to the end", "bytes 0-9/11");
    ranges.put("of 2^63", "bytes 9223372036854775798-9223372036854775807/9223372036854775808");
    ranges.put("of 30 digits", "bytes 0-9/" + "9".repeat(30));
    ranges.put("of two parts", "bytes 0-4/10, bytes 5-9/10");
    ranges.put("with nonsense behind it", "bytes 0-9/10; x");
    ranges.put("that overlaps what is there", "bytes 5-14/15");
    ranges.put("behind a gap", "bytes 999999999999999990-999999999999999999/1000000000000000000");
    ranges.forEach((name, range) ->
        checks.add(
            new SecurityCheck(
                CONTENTS,
                "refused: Content-Range " + name,
                target -> {
                  Answer answer =
                      target.call(
                          "PUT", "blob/" + ABSENT, "Content-Range: " + range + "\r\n", TEXT);
                  return unless(answer.isRefusal(), answer.toString()).or(() -> absent(target));
                })));
    checks.add(
        new SecurityCheck(
            CONTENTS,
            "refused: Content-Range twice",
            target -> {
              String range = "Content-Range: bytes 0-9/10\r\n";
              Answer answer = target.call("PUT", "blob/" + ABSENT, range + range, TEXT);
              return unless(answer.isRefusal(), answer.toString()).or(() -> absent(target));
            }));
    checks.add(
        new SecurityCheck(
            CONTENTS,
            "a content that is not what its name says is not kept",
            target -> {
              Answer answer = target.call("PUT", "blob/" + ABSENT, "", TEXT);
              return unless(answer.isRefusal(), answer.toString()).or(() -> absent(target));
            }));
    checks.add(
        new SecurityCheck(
            CONTENTS,
            "one that is larger than the disk is refused before it comes",
            target -> {
              for (String range :
                  List.of("", "Content-Range: bytes 0-8999999999999999/9000000000000000\r\n")) {
                Answer answer =
                    target.send(
                        "PUT /api/v1/blob/"
                            + ABSENT
                            + " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                            + target.signIn()
                            + range
                            + "Content-Length: 9000000000000000\r\n\r\n");
                if (answer.status() != 507 && (target.isManager() || answer.status() != 409)) {
                  return Optional.of(answer.toString());
                }
              }
              return absent(target);
            }));
    checks.add(
        refused(
            CONTENTS,
            "one without a length",
            target ->
                target.send(
                    "PUT /api/v1/blob/"
                        + ABSENT
                        + " HTTP/1.1\r\nHost: localhost\r\n"
                        + target.signIn()
                        + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")));
  }

  private static void packs(List<SecurityCheck> checks) {
    Map<String, String> refused = new LinkedHashMap<>();
    refused.put("an entry with a negative length", pack(ABSENT, -1, TEXT));
    refused.put("an entry of 2^63 - 1 bytes", pack(ABSENT, Long.MAX_VALUE, TEXT));
    refused.put("an entry of 5 MiB", pack(ABSENT, 5 << 20, TEXT));
    refused.put("an entry that says it is longer than the pack", pack(ABSENT, 11, TEXT));
    refused.put("an entry that says it is shorter than it is", pack(ABSENT, 5, TEXT));
    refused.put("an entry with a wrong sum", pack(ABSENT, TEXT.length(), TEXT));
    refused.put("an entry that ends in its sum", pack(ABSENT, 0, "").substring(0, 20));
    refused.put("an entry that ends in its length", pack(ABSENT, 0, "").substring(0, 36));
    refused.put(
        "an entry that ends in the middle, behind a right one",
        pack(SUM, TEXT.length(), TEXT) + pack(ABSENT, TEXT.length(), TEXT.substring(1)));
    refused.forEach((name, body) ->
        checks.add(
            new SecurityCheck(
                PACKS,
                "refused: " + name,
                target -> {
                  Answer answer = post(target, "blob/pack", body);
                  return unless(answer.isRefusal(), answer.toString()).or(() -> absent(target));
                })));
    checks.add(
        refused(
            PACKS,
            "one of more than 64 MiB, before it comes",
            target ->
                target.send(
                    "POST /api/v1/blob/pack HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Expect: 100-continue\r\n"
                        + target.signIn()
                        + "Content-Length: 67108865\r\n\r\n")));
  }

  private static void files(List<SecurityCheck> checks) {
    for (String path : PathChecks.LEADING_OUT) {
      checks.add(
          new SecurityCheck(
              FILES,
              "refused: `" + PathChecks.shortened(shown(path)) + "`",
              target -> {
                store(target);
                Answer answer = attach(target, file(path, SUM));
                return unless(answer.isRefusal(), answer.toString())
                    .or(() -> PathChecks.appeared(target));
              }));
    }
    checks.add(
        new SecurityCheck(
            FILES,
            "percent signs, Windows' devices and streams, `~` and `$HOME` are no more than names",
            target -> {
              store(target);
              for (String path : PathChecks.NAMES_ALONE) {
                Answer answer = attach(target, file(path, SUM));
                if (answer.status() != 200 && !answer.isRefusal()) {
                  return Optional.of(path + ": " + answer);
                }
              }
              return PathChecks.appeared(target);
            }));
    Map<String, String> refused = new LinkedHashMap<>();
    refused.put("10,001 files", manyFiles(10_001));
    refused.put("more than 8 MiB", " ".repeat((8 << 20) + 1));
    refused.put("a file that is null", "null");
    refused.put("a file without a path", "{\"sha256\":\"" + SUM + "\"}");
    refused.put("a content that is not there", file("absent", ABSENT));
    refused.put(
        "all files, where one content is not there",
        file("half", SUM) + "," + file("other-half", ABSENT));
    refused.forEach((name, list) ->
        checks.add(
            new SecurityCheck(
                FILES,
                "refused: " + name,
                target -> {
                  store(target);
                  Answer answer =
                      target.call(
                          "PUT", "task/attached-none/files", "", "{\"files\":[" + list + "]}");
                  Answer task = target.get("task/attached-none");
                  return unless(
                      answer.isClosedOrRefusal() && task.status() == 404, answer + ", " + task);
                })));
    checks.add(
        new SecurityCheck(
            FILES,
            "refused: hashes that are none",
            eachRefused(NO_SUMS, (target, none) -> attach(target, file("a", none)))));
  }

  private static void ranges(List<SecurityCheck> checks) {
    Map<String, String> ignored = new LinkedHashMap<>();
    ignored.put("that end before they begin", "bytes=9-0");
    ignored.put("of another unit", "lines=0-9");
    ignored.put("that are many", "bytes=" + "0-,".repeat(1_000) + "0-");
    ignored.put("that overlap", "bytes=0-99,50-149");
    ignored.put("of 30 digits", "bytes=0-" + "9".repeat(30));
    ignored.put("with two signs", "bytes=--1");
    ignored.put("of nothing", "bytes=-");
    ignored.forEach((name, range) ->
        checks.add(
            new SecurityCheck(
                RANGES,
                "ranges " + name + " get the whole file once, or a refusal",
                target -> {
                  Answer whole = result(target, "");
                  Answer answer = result(target, "Range: " + range + "\r\n");
                  return unless(
                      answer.isRefusal()
                          || (answer.status() == 200
                              && answer.text().length() <= whole.text().length() + 100),
                      answer.toString());
                })));
    checks.add(
        new SecurityCheck(
            RANGES,
            "ranges behind the end, and of the last 0 bytes, are refused",
            target -> {
              for (String range :
                  List.of(
                      "bytes=999999999-",
                      "bytes=999999999999999998-999999999999999999",
                      "bytes=-0")) {
                Answer answer = result(target, "Range: " + range + "\r\n");
                if (answer.status() != (target.isManager() ? 416 : 404)) {
                  return Optional.of(range + ": " + answer);
                }
              }
              return holds();
            }));
    checks.add(
        new SecurityCheck(
            RANGES,
            "a range of another state of the file (`If-Range`) is not mixed into it",
            target -> {
              Answer answer = result(target, "Range: bytes=1-2\r\nIf-Range: \"0\"\r\n");
              return unless(answer.status() == (target.isManager() ? 200 : 404), answer.toString());
            }));
    checks.add(
        new SecurityCheck(
            RANGES,
            "without a password a range tells nothing of a file",
            target -> {
              Answer answer =
                  target.send(
                      "GET /api/v1/task/"
                          + TASK
                          + "/status/result/compose HTTP/1.1\r\nHost: localhost\r\n"
                          + "Connection: close\r\nRange: bytes=0-0\r\n\r\n");
              return unless(
                  answer.status() == 401 && !answer.text().contains("Content-Range"),
                  answer.toString());
            }));
  }

  /** One form of a call. */
  private interface Form {
    Answer call(SecurityTarget target, String form) throws IOException;
  }

  private static SecurityCheck.Probe eachRefused(List<String> forms, Form call) {
    return target -> {
      for (String form : forms) {
        Answer answer = call.call(target, form);
        if (!answer.isRefusal()) {
          return Optional.of(form + ": " + answer);
        }
      }
      return holds();
    };
  }

  private static Answer result(SecurityTarget target, String headers) throws IOException {
    return target.call("GET", "task/" + TASK + "/status/result/compose", headers, "");
  }

  private static Answer post(SecurityTarget target, String path, String body) throws IOException {
    return target.call("POST", path, "", body);
  }

  private static void store(SecurityTarget target) throws IOException {
    target.call("PUT", "blob/" + SUM, "", TEXT);
  }

  private static Answer attach(SecurityTarget target, String file) throws IOException {
    return target.call("PUT", "task/attached/files", "", "{\"files\":[" + file + "]}");
  }

  /** Whether nothing has come to be of what nobody sent. */
  private static Optional<String> absent(SecurityTarget target) {
    try {
      Answer answer = post(target, "blob/missing", offer(ABSENT, "10"));
      boolean isMissing = answer.text().contains("\"received\":0");
      return unless(isMissing || !target.isManager(), "it is there: " + answer.text());
    } catch (IOException e) {
      return Optional.of("it could not be looked at: " + e);
    }
  }

  private static String request(String call, String headers, String body) {
    return call.replace(" ", " /api/v1/")
        + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static String offers(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{\"sha256\":\"%064x\",\"size\":1}".formatted(i))
        .collect(Collectors.joining(",", "{\"blobs\":[", "]}"));
  }

  private static String manyFiles(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> file("f" + i, SUM))
        .collect(Collectors.joining(","));
  }

  private static String offer(String sum, String size) {
    return "{\"blobs\":[{\"sha256\":\"%s\",\"size\":%s}]}".formatted(sum, size);
  }

  private static String file(String path, String sum) {
    return "{\"path\":\"%s\",\"sha256\":\"%s\"}".formatted(escaped(path), sum);
  }

  /** As a string of JSON. */
  private static String escaped(String path) {
    return escaped(path, "\"\\");
  }

  private static String shown(String path) {
    return escaped(path, "");
  }

  /**
   * What cannot be printed as its number.
   *
   * @param more letters that are told so, too
   */
  private static String escaped(String path, String more) {
    var text = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char letter = path.charAt(i);
      if (letter < 0x20 || letter >= 0x7f || more.indexOf(letter) >= 0) {
        text.append("\\u%04x".formatted((int) letter));
      } else {
        text.append(letter);
      }
    }
    return text.toString();
  }

  /** An entry of a pack, a letter for each byte. */
  static String pack(String sum, long length, String content) {
    byte[] head = ByteBuffer.allocate(40).put(HexFormat.of().parseHex(sum)).putLong(length).array();
    return new String(head, StandardCharsets.ISO_8859_1) + content;
  }

  /** SHA-256 of a text in lower-case hex. */
  static String sum(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }
}
