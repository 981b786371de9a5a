package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.security.TrustedAuthority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls API v1 as a stranger would: by the JDK's own HTTP client and nothing of ours but the CA.
 */
record ApiCaller(HttpClient client, String url, Optional<String> authorization) {
  private static final JsonMapper JSON = JsonMapper.shared();

  static ApiCaller of(String url, Path authority, String user, String password) {
    try {
      var client =
          HttpClient.newBuilder()
              .sslContext(TrustedAuthority.load(authority).clientContext())
              .connectTimeout(Duration.ofSeconds(20))
              .build();
      return new ApiCaller(client, url, Optional.of(basic(user, password)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  ApiCaller anonymous() {
    return new ApiCaller(client, url, Optional.empty());
  }

  ApiCaller as(String user, String password) {
    return new ApiCaller(client, url, Optional.of(basic(user, password)));
  }

  /** An object of the names and values given in turn. */
  static String json(Object... members) {
    var object = new LinkedHashMap<String, Object>();
    for (int i = 0; i < members.length; i += 2) {
      object.put((String) members[i], members[i + 1]);
    }
    return JSON.writeValueAsString(object);
  }

  static String sha1(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  Answer get(String path, String... headers) throws IOException, InterruptedException {
    return call("GET", path, BodyPublishers.noBody(), headers);
  }

  Answer put(String path, String body) throws IOException, InterruptedException {
    return call("PUT", path, BodyPublishers.ofString(body));
  }

  Answer post(String path) throws IOException, InterruptedException {
    return call("POST", path, BodyPublishers.noBody());
  }

  Answer delete(String path) throws IOException, InterruptedException {
    return call("DELETE", path, BodyPublishers.noBody());
  }

  Answer putFile(String path, byte[] bytes) throws IOException, InterruptedException {
    return call("PUT", path, BodyPublishers.ofByteArray(bytes), "X-Checksum-Sha1", sha1(bytes));
  }

  /** Without {@code Content-Length}. */
  Answer putStream(String path, byte[] bytes) throws IOException, InterruptedException {
    return call(
        "PUT",
        path,
        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)),
        "X-Checksum-Sha1",
        sha1(bytes));
  }

  Answer call(String method, String path, BodyPublisher body, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(url + "/api/v1/" + path))
            .method(method, body)
            .timeout(Duration.ofSeconds(100));
    authorization.ifPresent(value -> request.header("Authorization", value));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<byte[]> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    return new Answer(method + " " + path, response);
  }

  /** What came back. */
  record Answer(String call, HttpResponse<byte[]> response) {
    int status() {
      return response.statusCode();
    }

    byte[] body() {
      return response.body();
    }

    String header(String name) {
      return response
          .headers()
          .firstValue(name)
          .orElseThrow(() -> new AssertionError(call + " came without " + name));
    }

    JsonNode tree() {
      return JSON.readTree(body());
    }

    JsonNode data() {
      assertDone();
      return tree().get("data");
    }

    String message() {
      return tree().get("message").asString();
    }

    private String text() {
      return call + ": " + status() + " " + new String(body(), StandardCharsets.UTF_8);
    }

    /** A success, in its envelope. */
    Answer assertDone() {
      assertThat(status()).as(text()).isEqualTo(200);
      assertThat(header("Content-Type")).startsWith("application/json");
      assertThat(tree().propertyNames()).as(text()).contains("success", "message", "data");
      assertThat(tree().get("success").asBoolean()).as(text()).isTrue();
      return this;
    }

    /** A failure, in its envelope and as RFC 9457 says. */
    Answer assertRefused(int expected, String code) {
      assertThat(status()).as(text()).isEqualTo(expected);
      assertThat(header("Content-Type")).startsWith("application/problem+json");
      JsonNode tree = tree();
      assertThat(tree.get("success").asBoolean()).as(text()).isFalse();
      assertThat(tree.get("message").asString()).as(text()).isNotBlank();
      assertThat(tree.has("data")).as(text()).isTrue();
      assertThat(tree.get("type").asString()).isEqualTo("urn:blendnet:error:" + code);
      assertThat(tree.get("title").asString()).isNotBlank();
      assertThat(tree.get("status").asInt()).isEqualTo(expected);
      assertThat(tree.get("detail").asString()).isNotBlank();
      return this;
    }
  }
}
