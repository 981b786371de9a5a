package io.blendnet.bench;

import static io.blendnet.bench.SecurityCheck.holds;
import static io.blendnet.bench.SecurityCheck.refused;
import static io.blendnet.bench.SecurityCheck.unless;

import io.blendnet.bench.SecurityTarget.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Requests that no honest client sends: framing, headers, verbs, sizes, other sites. */
final class HttpChecks {
  private static final String FRAMING = "Framing and headers";
  private static final String HOSTS = "Host header";
  private static final String VERBS = "Verbs";
  private static final String SIZES = "Sizes and counts";
  private static final String SITES = "Pages of other sites";
  private static final String ANSWERS = "Answers";

  private static final int MEGABYTE = 1024 * 1024;

  private HttpChecks() {}

  static List<SecurityCheck> all() {
    List<SecurityCheck> checks = new ArrayList<>();
    framing(checks);
    hosts(checks);
    verbs(checks);
    sizes(checks);
    sites(checks);
    answers(checks);
    return checks;
  }

  private static void framing(List<SecurityCheck> checks) {
    Map<String, String> refused = new LinkedHashMap<>();
    refused.put("a header after a line feed in a value", "X-A: 1\nX-B: 2\r\n");
    refused.put("a value with a carriage return", "X-A: 1\rX-B: 2\r\n");
    refused.put("a value with NUL", "X-A: 1\u0000\r\n");
    refused.put("a header in two lines", "X-A: 1\r\n 2\r\n");
    refused.put("a header's name with a space", "X A: 1\r\n");
    refused.put("a space before the colon", "X-A : 1\r\n");
    refused.put("a line without a colon", "nothing\r\n");
    refused.put(
        "Content-Length beside Transfer-Encoding",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n");
    refused.put("two Content-Lengths", "Content-Length: 3\r\nContent-Length: 4\r\n");
    refused.put("a negative Content-Length", "Content-Length: -1\r\n");
    refused.put("a Content-Length with a sign", "Content-Length: +3\r\n");
    refused.put("a Content-Length of 2^64", "Content-Length: 18446744073709551616\r\n");
    refused.put("an unknown Transfer-Encoding", "Transfer-Encoding: xchunked\r\n");
    refused.put("chunked twice", "Transfer-Encoding: chunked, chunked\r\n");
    refused.put("chunked under another", "Transfer-Encoding: chunked, gzip\r\n");
    refused.forEach((name, headers) ->
        checks.add(
            new SecurityCheck(
                FRAMING,
                "refused: " + name,
                target -> {
                  // What would pass for a second request is one.
                  Answer answer =
                      target.send(
                          "PUT /api/v1/task/framing/config HTTP/1.1\r\nHost: localhost\r\n"
                              + target.signIn()
                              + headers
                              + "\r\n{}\r\n\r\n");
                  return unless(
                      answer.isClosedOrRefusal() && answer.answers() <= 1, answer.toString());
                })));
    checks.add(
        new SecurityCheck(
            FRAMING,
            "a refused body is not taken for the next request",
            target -> {
              String inner =
                  "GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\n" + target.signIn() + "\r\n";
              Answer answer =
                  target.send(
                      "PUT /api/v1/none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                          + target.signIn()
                          + "Content-Length: "
                          + inner.length()
                          + "\r\n\r\n"
                          + inner);
              return unless(answer.status() == 404 && answer.answers() == 1, answer.toString());
            }));
    for (String part :
        List.of("%0d%0aX-Evil:%20yes", "%0aX-Evil:yes", "%E5%98%8A%E5%98%8DX-Evil")) {
      checks.add(
          new SecurityCheck(
              FRAMING,
              "no header from a name: `" + part + "`",
              target -> {
                Answer task = target.get("task/a" + part);
                Answer file = target.get("task/a/file/" + part);
                boolean clean =
                    !task.head().toLowerCase(Locale.ROOT).contains("\nx-evil")
                        && !file.head().toLowerCase(Locale.ROOT).contains("\nx-evil");
                return unless(clean && task.isRefusal() && file.isRefusal(), task + ", " + file);
              }));
    }
    checks.add(
        new SecurityCheck(
            FRAMING,
            "no line in the log from a path or a user's name",
            target -> {
              target.get("evil%0aFORGED");
              target.send(
                  "GET /api/v1/evil HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                      + SecurityTarget.authorization("x\nFORGED", "y")
                      + "\r\n");
              return unless(!target.get("log").text().contains("FORGED"), "it is there");
            }));
    for (String version : List.of("HTTP/1.0", "HTTP/0.9", "HTTP/3.0", "http/1.1")) {
      checks.add(
          new SecurityCheck(
              FRAMING,
              version + " is refused",
              target -> {
                Answer answer =
                    target.send(
                        "GET /api/v1/info "
                            + version
                            + "\r\nHost: a\r\n"
                            + target.signIn()
                            + "\r\n");
                return unless(!answer.text().contains("\"engine\""), answer.toString());
              }));
    }
  }

  private static void hosts(List<SecurityCheck> checks) {
    Map<String, String> refused = new LinkedHashMap<>();
    refused.put("none", "");
    refused.put("two", "Host: localhost\r\nHost: evil.example\r\n");
    refused.put("empty", "Host:\r\n");
    refused.put("with a user", "Host: a@localhost\r\n");
    refused.put("with a path", "Host: localhost/evil\r\n");
    refused.put("with a space", "Host: local host\r\n");
    refused.put("with a port that is none", "Host: localhost:port\r\n");
    refused.forEach((name, header) ->
        checks.add(
            refused(
                HOSTS,
                name,
                target ->
                    target.send(
                        "GET /api/v1/info HTTP/1.1\r\nConnection: close\r\n"
                            + header
                            + target.signIn()
                            + "\r\n"))));
    checks.add(
        new SecurityCheck(
            HOSTS,
            "another's name shows nowhere in an answer",
            target -> {
              Answer answer =
                  target.send(
                      "GET /api/v1/openapi.json HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n"
                          + target.signIn()
                          + "\r\n");
              return unless(!answer.text().contains("evil.example"), answer.toString());
            }));
    checks.add(
        new SecurityCheck(
            HOSTS,
            "the server is no proxy: whole addresses as targets are refused",
            target -> {
              Answer answer =
                  target.send(
                      "GET https://evil.example/api/v1/info HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n"
                          + target.signIn()
                          + "\r\n");
              return unless(answer.isClosedOrRefusal(), answer.toString());
            }));
  }

  private static void verbs(List<SecurityCheck> checks) {
    for (String verb : List.of("TRACE", "PATCH", "PROPFIND", "COPY", "DEBUG", "PUT", "DELETE")) {
      checks.add(
          new SecurityCheck(
              VERBS,
              verb + " where it is not foreseen",
              target -> {
                Answer answer = target.call(verb, "info", "X-Marker: mirrored\r\n", "");
                return unless(
                    answer.isRefusal() && !answer.text().contains("mirrored"), answer.toString());
              }));
    }
    checks.add(
        new SecurityCheck(
            VERBS,
            "CONNECT",
            target -> {
              Answer answer =
                  target.send(
                      "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nConnection: close\r\n"
                          + target.signIn()
                          + "\r\n");
              return unless(answer.isClosedOrRefusal(), answer.toString());
            }));
    for (String header : List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")) {
      checks.add(
          new SecurityCheck(
              VERBS,
              header + " changes nothing",
              target -> {
                target.call("PUT", "task/override/config", "", "{}");
                Answer answer = target.call("GET", "task/override", header + ": DELETE\r\n", "");
                Answer after = target.get("task/override");
                return unless(answer.status() == after.status(), answer + ", then " + after);
              }));
    }
    checks.add(
        new SecurityCheck(
            VERBS,
            "no upgrade to another protocol",
            target -> {
              Answer answer =
                  target.call(
                      "GET", "info", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n", "");
              return unless(answer.status() != 101, answer.toString());
            }));
  }

  private static void sizes(List<SecurityCheck> checks) {
    checks.add(
        refused(SIZES, "a request line of 17 KiB", target -> target.get("a".repeat(17 * 1024))));
    checks.add(
        refused(
            SIZES,
            "headers of 40 KiB",
            target -> target.call("GET", "info", "X-A: " + "a".repeat(40 * 1024) + "\r\n", "")));
    checks.add(
        refused(
            SIZES,
            "5,000 headers",
            target -> {
              var headers = new StringBuilder();
              for (int i = 0; i < 5_000; i++) {
                headers.append("X-").append(i).append(": a\r\n");
              }
              return target.call("GET", "info", headers.toString(), "");
            }));
    checks.add(
        refused(
            SIZES,
            "JSON of 513 KiB",
            target ->
                target.call(
                    "PUT",
                    "task/sizes/config",
                    "",
                    "{\"project\":\"" + "a".repeat(513 * 1024) + "\"}")));
    checks.add(
        refused(
            SIZES,
            "JSON nested 100,000 deep",
            target ->
                target.call(
                    "PUT", "task/sizes/config", "", "[".repeat(100_000) + "]".repeat(100_000))));
    checks.add(
        refused(
            SIZES,
            "a number of 100,000 digits",
            target ->
                target.call(
                    "PUT", "task/sizes/config", "", "{\"samples\":" + "9".repeat(100_000) + "}")));
    checks.add(
        refused(
            SIZES,
            "JSON in chunks, of a chunk that says it has 2 GB",
            target ->
                target.send(
                    "PUT /api/v1/task/sizes/config HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + target.signIn()
                        + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n{}")));
    checks.add(
        new SecurityCheck(
            SIZES,
            "a file larger than the disk is refused before it comes",
            target -> {
              Answer answer =
                  target.send(
                      "PUT /api/v1/task/sizes/file/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                          + target.signIn()
                          + "X-Checksum-Sha1: "
                          + "0".repeat(40)
                          + "\r\nContent-Length: 9000000000000000\r\n\r\n");
              return unless(answer.status() == 507, answer.toString());
            }));
    checks.add(
        refused(
            SIZES,
            "an upload without a length",
            target ->
                target.send(
                    "PUT /api/v1/task/sizes/file/a HTTP/1.1\r\nHost: localhost\r\n"
                        + target.signIn()
                        + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")));
    checks.add(
        refused(
            SIZES,
            "a task's name of 201 letters",
            target -> target.get("task/" + "a".repeat(201))));
    checks.add(
        new SecurityCheck(
            SIZES,
            "a stranger's upload is read no further than a megabyte",
            target -> {
              Answer answer =
                  target.send(
                      "PUT /api/v1/task/sizes/file/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                          + 4 * MEGABYTE
                          + "\r\n\r\n"
                          + "a".repeat(4 * MEGABYTE));
              // The answer may be lost with the connection; what matters is that it ends.
              return unless(answer.text().isEmpty() || answer.status() == 401, answer.toString());
            }));
    checks.add(
        refused(
            SIZES,
            "a range of bytes beyond any file",
            target ->
                target.call(
                    "GET",
                    "task/sizes/status/result/render",
                    "Range: bytes=9223372036854775807-9223372036854775808\r\n",
                    "")));
  }

  private static void sites(List<SecurityCheck> checks) {
    List<String> marks =
        List.of(
            "Origin: https://evil.example",
            "Origin: null",
            "Origin: https://localhost.evil.example",
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site");
    for (String call : List.of("GET run", "GET stop", "POST run", "PUT config", "DELETE task")) {
      checks.add(
          new SecurityCheck(
              SITES,
              call + " is refused, whatever the browser says of where it comes from",
              target -> {
                String method = call.substring(0, call.indexOf(' '));
                String rest = call.substring(call.indexOf(' ') + 1);
                String path = "task/sites" + (rest.equals("task") ? "" : "/" + rest);
                for (String mark : marks) {
                  Answer answer =
                      target.call(method, path, mark + "\r\n", method.equals("PUT") ? "{}" : "");
                  if (answer.status() != 403) {
                    return Optional.of(mark + ": " + answer);
                  }
                }
                Answer own =
                    target.call(
                        method,
                        path,
                        "Sec-Fetch-Site: same-origin\r\n",
                        method.equals("PUT") ? "{}" : "");
                return unless(own.status() != 403, "the server's own page is refused: " + own);
              }));
    }
    checks.add(
        new SecurityCheck(
            SITES,
            "no page of another site may read an answer (no CORS header)",
            target -> {
              Answer answer = target.call("GET", "info", "Origin: https://evil.example\r\n", "");
              Answer asked =
                  target.call(
                      "OPTIONS",
                      "info",
                      "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n",
                      "");
              String heads = (answer.head() + asked.head()).toLowerCase(Locale.ROOT);
              return unless(!heads.contains("access-control-"), heads);
            }));
  }

  private static void answers(List<SecurityCheck> checks) {
    checks.add(
        new SecurityCheck(
            ANSWERS,
            "no header tells the server's software or version",
            target -> {
              String head =
                  (target.get("info").head() + target.get("none").head() + target.send("x\r\n\r\n"))
                      .toLowerCase(Locale.ROOT);
              boolean silent =
                  !head.contains("\nserver:")
                      && !head.contains("x-powered-by")
                      && !head.contains("helidon");
              return unless(silent, head);
            }));
    checks.add(
        new SecurityCheck(
            ANSWERS,
            "content types are not to be guessed, and answers not to be kept",
            target -> {
              String head = target.get("info").head().toLowerCase(Locale.ROOT);
              return unless(
                  head.contains("x-content-type-options: nosniff")
                      && head.contains("cache-control: no-store"),
                  head);
            }));
    checks.add(
        new SecurityCheck(
            ANSWERS,
            "failures name no class, no file of the server's, no line of code",
            target -> {
              for (String path :
                  List.of("none", "task/%ff", "task/a/file/%00", "task/a/status/result/x")) {
                String text = target.get(path).text();
                if (text.contains("Exception")
                    || text.contains("io.blendnet")
                    || text.contains(target.folder().toString())) {
                  return Optional.of(path + ": " + text);
                }
              }
              return holds();
            }));
  }
}
