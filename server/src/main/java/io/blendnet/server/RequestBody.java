package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What comes with a request behind its headers. Used by one thread. */
final class RequestBody {
  private static final int BUFFER = 64 * 1024;

  private final ServerRequest request;
  private final UploadRead read;
  private final boolean http1;
  private final OptionalLong announced;
  private final boolean chunked;
  private int limit;
  private @Nullable ExactLengthStream stream;

  /**
   * The body of a request.
   *
   * @throws ApiException its framing is wrong ({@code INVALID_REQUEST})
   */
  RequestBody(ServerRequest request, UploadRead read) {
    this.request = request;
    this.read = read;
    this.http1 = request.prologue().protocolVersion().startsWith("1");
    this.chunked = request.headers().contains(HeaderNames.TRANSFER_ENCODING);
    this.announced = chunked ? OptionalLong.empty() : request.headers().contentLength();
  }

  Optional<String> header(String name) {
    return request.headers().first(HeaderNames.create(name));
  }

  /** Checks the body against what the endpoint takes, before a byte of it is read. */
  void check(RouteBody taken) {
    checkType();
    switch (taken) {
      case RouteBody.Json(_, int jsonLimit) -> {
        // Helidon takes a chunk of HTTP/1.1 into memory whole, however large it says it is.
        if (http1 && announced.isEmpty() && chunked) {
          throw lengthRequired();
        }
        if (announced.orElse(0) > jsonLimit) {
          throw tooLarge(jsonLimit);
        }
        limit = jsonLimit;
      }
      case RouteBody.Bytes(long bytesLimit) -> {
        if (announced.isEmpty()) {
          throw lengthRequired();
        }
        if (announced.getAsLong() > bytesLimit) {
          throw tooLarge(bytesLimit);
        }
      }
    }
  }

  byte[] all() throws IOException {
    byte[] bytes;
    if (announced.isPresent()) {
      bytes = stream().readAllBytes();
    } else if (request.content().hasEntity()) {
      bytes = readUnannounced();
    } else {
      bytes = new byte[0];
    }
    if (bytes.length > limit) {
      throw tooLarge(limit);
    }
    return bytes;
  }

  InputStream stream() {
    ExactLengthStream open = stream;
    if (open == null) {
      InputStream content =
          announced.orElse(0) == 0 ? InputStream.nullInputStream() : new Awaited(request);
      open = new ExactLengthStream(content, read, announced.orElse(0));
      stream = open;
    }
    return open;
  }

  long length() {
    return announced.orElse(0);
  }

  /** Bytes that the client still has to send, as far as it said how many. */
  OptionalLong unread() {
    if (chunked) {
      return OptionalLong.empty();
    }
    ExactLengthStream open = stream;
    return OptionalLong.of(open == null ? length() : open.remaining());
  }

  /** Whether an HTTP/1.1 connection is not used again after the answer. */
  boolean mustClose(long unreadLimit) {
    if (!http1) {
      return false;
    }
    if (chunked || request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      return true;
    }
    long unread = unread().orElse(0);
    return unread > 0 && (isWithheld() || unread > unreadLimit);
  }

  /** What the client sends once somebody reads: to ask for it is our word that it may begin. */
  private static final class Awaited extends InputStream {
    private final ServerRequest request;
    private @Nullable InputStream content;

    Awaited(ServerRequest request) {
      this.request = request;
    }

    private InputStream content() {
      InputStream open = content;
      if (open == null) {
        open =
            request.content().hasEntity()
                ? request.content().inputStream()
                : InputStream.nullInputStream();
        content = open;
      }
      return open;
    }

    @Override
    public int read() throws IOException {
      return content().read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return content().read(buffer, offset, length);
    }
  }

  /** Whether the client waits for our word before it sends the body. */
  boolean isWithheld() {
    return request.headers().containsToken(HeaderValues.EXPECT_100) && !request.continueSent();
  }

  /** Reads on for a while, so that the client gets to see the answer instead of a reset. */
  void discard(long most) {
    if (chunked) {
      return;
    }
    byte[] buffer = new byte[BUFFER];
    InputStream rest = stream();
    long left = most;
    try {
      while (left > 0) {
        int count = rest.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          return;
        }
        left -= count;
      }
    } catch (IOException e) {
      // The client has gone, which is what this was waiting for.
    }
  }

  private byte[] readUnannounced() throws IOException {
    try (InputStream content = request.content().inputStream()) {
      return content.readNBytes(limit + 1);
    }
  }

  private void checkType() {
    String type = header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
    if (type.startsWith("multipart/")) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "Send the content as it is, not as a form: curl --upload-file FILE, not -F");
    }
    String encoding = header("Content-Encoding").orElse("identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "Content-Encoding '%s' is not supported; send the content as it is".formatted(encoding));
    }
  }

  private static ApiException lengthRequired() {
    return new ApiException(
        ErrorCode.LENGTH_REQUIRED,
        "This needs a Content-Length header; chunked bodies are refused");
  }

  private static ApiException tooLarge(long limit) {
    return new ApiException(
        ErrorCode.TOO_LARGE, "The body is larger than %,d bytes".formatted(limit));
  }
}
