package io.blendnet.protocol;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches one file: the beginning, which tells how long it is, then the rest in ranges side by
 * side. What an earlier attempt left, also of another run of the program, is gone on with where the
 * content is the same.
 */
final class Download {
  private static final int CONNECTIONS = 4;
  private static final long FIRST_RANGE = 8L << 20;
  private static final int MOST_CHANGES = 3;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18})");

  private final FarmConnection connection;
  private final String path;
  private final Optional<WorkReport.DeliveryInfo> expected;
  private final PartFile file;
  private final TransferProgress progress;

  private Download(
      FarmConnection connection,
      String path,
      Optional<WorkReport.DeliveryInfo> expected,
      PartFile file,
      TransferProgress progress) {
    this.connection = connection;
    this.path = path;
    this.expected = expected;
    this.file = file;
    this.progress = progress;
  }

  /** Another content came to be while the old one was fetched. */
  private static final class ChangedException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Fetches.
   *
   * @param expected what is known beforehand; else the server says what it has
   */
  static void run(
      FarmConnection connection,
      String path,
      Path target,
      Optional<WorkReport.DeliveryInfo> expected,
      TransferProgress progress)
      throws IOException, InterruptedException {
    try (PartFile file = PartFile.open(target)) {
      new Download(connection, path, expected, file, progress).run();
    }
  }

  private void run() throws IOException, InterruptedException {
    for (int change = 1; ; change++) {
      try {
        fetch();
        return;
      } catch (ChangedException e) {
        file.forget();
        if (change == MOST_CHANGES) {
          throw broken("a file that changes each time that it is asked for");
        }
      }
    }
  }

  private void fetch() throws IOException, InterruptedException {
    if (file.content().isEmpty() || !file.content().get().isWhat(expected)) {
      file.forget();
      connection.persist(file::present, this::fetchFirst);
    }
    for (var gaps = file.gaps(CONNECTIONS); !gaps.isEmpty(); gaps = file.gaps(CONNECTIONS)) {
      List<SideBySide.Action> ranges = new ArrayList<>();
      for (PartFile.Gap gap : gaps) {
        ranges.add(() -> connection.persist(gap::next, () -> fetchRange(gap)));
      }
      long before = file.present();
      SideBySide.run(CONNECTIONS, ranges);
      if (file.present() == before) {
        throw broken("less of a file than it announced");
      }
    }
    if (!file.finish()) {
      throw broken("a file with another checksum than it announced");
    }
  }

  private void fetchFirst() throws IOException, InterruptedException {
    if (file.content().isPresent()) {
      return; // it broke off behind the headers; ranges do the rest
    }
    if (!receive(Map.of("Range", "bytes=0-" + (FIRST_RANGE - 1)), Optional.empty())) {
      // An empty file has no range at all.
      receive(Map.of(), Optional.empty());
    }
  }

  private void fetchRange(PartFile.Gap gap) throws IOException, InterruptedException {
    if (gap.length() == 0) {
      return;
    }
    Map<String, String> range = new LinkedHashMap<>();
    range.put("Range", "bytes=%d-%d".formatted(gap.next(), gap.end() - 1));
    range.put("If-Range", file.content().orElseThrow().mark());
    if (!receive(range, Optional.of(gap))) {
      throw new ChangedException();
    }
  }

  /**
   * Asks and takes in.
   *
   * @param gap to be filled; empty where it is not known yet what is to come
   * @return false where there is no such range
   */
  private boolean receive(Map<String, String> headers, Optional<PartFile.Gap> gap)
      throws IOException, InterruptedException {
    var moved = new AtomicLong();
    var fetched = connection.fetch(path, headers, info -> subscriber(info, gap, moved), moved);
    switch (fetched.body()) {
      case DownloadedBody.Stored() -> {}
      case DownloadedBody.TooLong() -> throw broken("more of a file than it announced");
      case DownloadedBody.Unwritable(IOException cause) -> throw cause;
      case DownloadedBody.Changed() -> throw new ChangedException();
      case DownloadedBody.Answer(byte[] bytes) -> {
        if (fetched.status() == ErrorCode.RANGE_NOT_SATISFIABLE.status()) {
          return false;
        }
        ReceivedAnswer.read(connection.server(), fetched.status(), bytes);
        throw broken("an answer of %d bytes where a file is expected".formatted(bytes.length));
      }
    }
    return true;
  }

  private HttpResponse.BodySubscriber<DownloadedBody> subscriber(
      HttpResponse.ResponseInfo info, Optional<PartFile.Gap> gap, AtomicLong moved) {
    if (info.statusCode() != 200 && info.statusCode() != 206) {
      return HttpResponse.BodySubscribers.mapping(
          CountedBody.bytes(connection.answerLimit(), moved::addAndGet),
          DownloadedBody.Answer::new);
    }
    try {
      return new FileSink(
          file,
          gap.isPresent() ? matching(info, gap.get()) : begun(info),
          count -> {
            moved.addAndGet(count);
            progress.moved(file.present(), file.content().orElseThrow().size());
          });
    } catch (ChangedException e) {
      return new DeclinedBody(new DownloadedBody.Changed());
    } catch (IOException e) {
      return new DeclinedBody(new DownloadedBody.Unwritable(e));
    }
  }

  /** Makes sure that what comes is the gap's, of the content that is being fetched. */
  private static Optional<PartFile.Gap> matching(HttpResponse.ResponseInfo info, PartFile.Gap gap)
      throws ChangedException {
    Matcher range = range(info);
    if (info.statusCode() != 206
        || !range.matches()
        || Long.parseLong(range.group(1)) != gap.next()) {
      throw new ChangedException();
    }
    return Optional.of(gap);
  }

  /** Begins a file as the server, or who told us of it, describes it. */
  private Optional<PartFile.Gap> begun(HttpResponse.ResponseInfo info) throws IOException {
    Matcher range = range(info);
    long size =
        info.statusCode() == 206 && range.matches()
            ? Long.parseLong(range.group(2))
            : info.headers().firstValueAsLong("Content-Length").orElse(-1);
    Optional<String> sha1 = info.headers().firstValue(FarmConnection.SHA1_HEADER);
    String mark = info.headers().firstValue("ETag").orElse("");
    if (expected.isPresent()) {
      if (size != expected.get().size()) {
        throw broken(
            "a file of %d bytes where %d were announced".formatted(size, expected.get().size()));
      }
      file.begin(new PartFile.Content(mark, size, FileChecksum.SHA_256, expected.get().sha256()));
    } else if (size < 0 || sha1.isEmpty()) {
      throw broken("a file without a checksum");
    } else {
      file.begin(new PartFile.Content(mark, size, FileChecksum.SHA_1, sha1.get()));
    }
    return file.gaps(1).stream().findFirst();
  }

  private static Matcher range(HttpResponse.ResponseInfo info) {
    return CONTENT_RANGE.matcher(info.headers().firstValue("Content-Range").orElse(""));
  }

  private FarmException broken(String what) {
    return new FarmException.BrokenAnswer(
        connection.server(), "%s sent %s".formatted(connection.server(), what));
  }
}
