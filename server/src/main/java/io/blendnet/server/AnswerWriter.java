package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.Problem;
import io.blendnet.protocol.WireJson;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts outcomes on the wire. Thread-safe. */
final class AnswerWriter {
  private static final Logger LOG = LoggerFactory.getLogger(AnswerWriter.class);
  private static final String JSON = "application/json";
  private static final HeaderName CHECKSUM = HeaderNames.create("X-Checksum-Sha1");
  private static final HeaderName NO_SNIFFING = HeaderNames.create("X-Content-Type-Options");
  private static final int BUFFER = 128 * 1024;

  /**
   * How much of an unread upload is taken in after the answer. Published clients read no answer
   * before they have sent all; a connection closed before that looks to them like success.
   */
  private static final long UNREAD_LIMIT = 256L * 1024 * 1024;

  /** The same for clients that did not sign in. */
  private static final long UNREAD_LIMIT_OF_STRANGERS = 1024 * 1024;

  private static final String BYTES = "application/octet-stream";

  /** Vector graphics may hold scripts. */
  private static final Pattern PICTURE = Pattern.compile("image/(?!svg)[a-z0-9.+-]{1,60}");

  private static final String RETRY_AFTER_SECONDS = "2";

  private final String challenge;

  AnswerWriter(String realm) {
    challenge = "Basic realm=\"" + realm + "\", charset=\"UTF-8\"";
  }

  void write(RoutingResponse response, RequestBody body, boolean headersOnly, Outcome outcome) {
    response.header(NO_SNIFFING, "nosniff");
    long unreadLimit =
        outcome instanceof Outcome.Refused(Problem problem, _)
                && problem.status() == ErrorCode.UNAUTHORIZED.status()
            ? UNREAD_LIMIT_OF_STRANGERS
            : UNREAD_LIMIT;
    boolean closes = body.mustClose(unreadLimit);
    if (closes) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    switch (outcome) {
      case Outcome.Answered(ApiResponse.Json(var answer)) ->
          send(response, 200, JSON, WireJson.write(answer), headersOnly);
      case Outcome.Answered(ApiResponse.Document(var value)) ->
          send(response, 200, JSON, WireJson.write(value), headersOnly);
      case Outcome.Answered(ApiResponse.File(var file)) ->
          sendFile(response, body, file, headersOnly);
      case Outcome.Methods(String allow) -> {
        response.header(HeaderNames.ALLOW, allow);
        response.status(Status.NO_CONTENT_204).send();
      }
      case Outcome.Refused(Problem problem, String allow) -> {
        if (!allow.isEmpty()) {
          response.header(HeaderNames.ALLOW, allow);
        }
        refuse(response, problem, headersOnly);
      }
    }
    // A short file still stands in a buffer.
    response.commit();
    if (closes) {
      if (!body.isWithheld()) {
        body.discard(unreadLimit);
      }
      // Helidon 4.5.0 announces that it closes and then reads on: the rest of an upload would pass
      // for the next request.
      throw new CloseConnectionException("The answer says so");
    }
  }

  private void refuse(ServerResponse response, Problem problem, boolean headersOnly) {
    if (problem.status() == ErrorCode.UNAUTHORIZED.status()) {
      response.header(HeaderNames.WWW_AUTHENTICATE, challenge);
    }
    if (problem.status() == ErrorCode.TOO_MANY_REQUESTS.status()) {
      response.header(HeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    send(response, problem.status(), Problem.CONTENT_TYPE, WireJson.write(problem), headersOnly);
  }

  private static void send(
      ServerResponse response, int status, String type, byte[] content, boolean headersOnly) {
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, type);
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.header(HeaderNames.CONTENT_LENGTH, Integer.toString(content.length));
    response.send(headersOnly ? new byte[0] : content);
  }

  private void sendFile(
      ServerResponse response, RequestBody body, ResultFile file, boolean headersOnly) {
    try (FileChannel content = FileChannel.open(file.file(), StandardOpenOption.READ)) {
      Optional<ByteRange> range = range(body, file);
      ByteRange sent = range.orElse(new ByteRange(0, file.size() - 1));
      response.status(range.isPresent() ? Status.PARTIAL_CONTENT_206 : Status.OK_200);
      response.header(HeaderNames.CONTENT_TYPE, safeType(file.contentType()));
      response.header(HeaderNames.CONTENT_LENGTH, Long.toString(sent.length()));
      response.header(HeaderNames.ACCEPT_RANGES, "bytes");
      response.header(HeaderNames.ETAG, etag(file));
      response.header(HeaderNames.CACHE_CONTROL, "private, no-cache");
      file.sha1().ifPresent(sum -> response.header(CHECKSUM, sum));
      if (range.isPresent()) {
        response.header(
            HeaderNames.CONTENT_RANGE,
            "bytes %d-%d/%d".formatted(sent.first(), sent.last(), file.size()));
      }
      if (headersOnly || sent.length() == 0) {
        response.send(new byte[0]);
        return;
      }
      content.position(sent.first());
      copy(Channels.newInputStream(content), sent.length(), response, file);
    } catch (ApiException e) {
      response.header(HeaderNames.CONTENT_RANGE, "bytes */" + file.size());
      refuse(response, e.problem(), headersOnly);
    } catch (NoSuchFileException e) {
      refuse(
          response,
          Problem.of(ErrorCode.RESULT_NOT_FOUND, "The file has just been removed; ask again"),
          headersOnly);
    } catch (IOException e) {
      if (response.isSent() || response.bytesWritten() > 0) {
        // The client notices by the missing bytes.
        throw new CloseConnectionException("A file ended early: " + file.file(), e);
      }
      LOG.error("Cannot read {}", file.file(), e);
      refuse(response, Refusal.of(e), headersOnly);
    }
  }

  private static void copy(
      InputStream content, long length, ServerResponse response, ResultFile file)
      throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER, length)];
    // Not closed on failure: closing would end the answer as if all were there.
    OutputStream out = response.outputStream();
    long left = length;
    while (left > 0) {
      int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        LOG.error("{} is shorter than the {} bytes that it should have", file.file(), file.size());
        throw new IOException("shorter than expected");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
    out.close();
  }

  private static Optional<ByteRange> range(RequestBody request, ResultFile file) {
    boolean same = request.header("If-Range").map(etag(file)::equals).orElse(true);
    return same
        ? request.header("Range").flatMap(header -> ByteRange.parse(header, file.size()))
        : Optional.empty();
  }

  /**
   * A type that a browser shows and does not run. Agents name types, and a browser that shows a
   * page of the Manager's own site would send its password along.
   */
  static String safeType(String claimed) {
    return PICTURE.matcher(claimed).matches() ? claimed : BYTES;
  }

  private static String etag(ResultFile file) {
    return "\"" + file.mark() + "\"";
  }
}
