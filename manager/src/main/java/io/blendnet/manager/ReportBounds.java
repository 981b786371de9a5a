package io.blendnet.manager;

import io.blendnet.domain.CellTimings;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.SceneFacts;
import io.blendnet.protocol.AttachedAgent;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.WirePaths;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkReport.DeliveryInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How much the Manager takes of what an agent says. Texts are cut, and lose control characters:
 * scenes write what they like into their agent's words. Beyond the other limits no honest agent
 * gets, and whoever does is treated as out of reach.
 */
final class ReportBounds {
  /** An honest agent answers with 500 reports at most. */
  static final int MOST_REPORTS = 2_000;

  /** Characters of a line; agents cut theirs shorter. */
  static final int LONGEST_LINE = 1_000;

  /** Characters of a sentence for the user. */
  static final int LONGEST_SENTENCE = 4_000;

  /** Lines of one report. */
  static final int MOST_LINES = 2_000;

  /** Files of one picture: the picture itself, and what File Output nodes write. */
  static final int MOST_FILES = 1_000;

  private static final int MOST_CORES = 65_536;
  private static final int MOST_FACTS = 1_000;
  private static final int MOST_CELLS = 100_000;
  private static final int LONGEST_NAME = 200;
  private static final Duration LONGEST_STEP = Duration.ofDays(365);

  private ReportBounds() {}

  /**
   * Refuses a machine that there is not.
   *
   * @throws ExcessException the agent is not to be believed
   */
  static AttachedAgent within(AttachedAgent attached) throws ExcessException {
    require(attached.boot().length() <= LONGEST_NAME, "gives its process an endless name");
    require(
        attached.cores() >= 1 && attached.cores() <= MOST_CORES && attached.memory() >= 0,
        "says that it has %d cores and %d bytes of memory"
            .formatted(attached.cores(), attached.memory()));
    return attached;
  }

  /**
   * The page as the Manager takes it in.
   *
   * @throws ExcessException the agent is not to be believed
   */
  static ReportPage within(ReportPage page) throws ExcessException {
    require(page.boot().length() <= LONGEST_NAME, "gives its process an endless name");
    require(
        page.reports().size() <= MOST_REPORTS,
        "sends %,d reports at once".formatted(page.reports().size()));
    List<WorkReport> reports = new ArrayList<>();
    for (WorkReport report : page.reports()) {
      reports.add(taken(report));
    }
    return new ReportPage(page.boot(), page.last(), reports);
  }

  /**
   * What a lease's report says may be a scene's or its user's doing: the lease fails, and not all
   * that the agent does.
   */
  private static WorkReport taken(WorkReport report) throws ExcessException {
    try {
      return within(report);
    } catch (ExcessException e) {
      if (!(report instanceof WorkReport.OfLease lease)) {
        throw e;
      }
      return new WorkReport.Failed(
          lease.task(),
          lease.lease(),
          lease.attempt(),
          Optional.empty(),
          FailureKind.BLENDER,
          "The agent " + Reason.oneLine(Reason.of(e), LONGEST_SENTENCE),
          List.of());
    }
  }

  private static WorkReport within(WorkReport report) throws ExcessException {
    return switch (report) {
      case WorkReport.Activity it ->
          new WorkReport.Activity(
              it.task(),
              it.lease(),
              it.attempt(),
              Reason.oneLine(it.text(), LONGEST_LINE),
              it.cell());
      case WorkReport.Messages it ->
          new WorkReport.Messages(it.task(), it.lease(), it.attempt(), lines(it.lines()));
      case WorkReport.Opened it ->
          new WorkReport.Opened(it.task(), it.lease(), it.attempt(), within(it.facts()));
      case WorkReport.Rendered it -> {
        check(it.delivery());
        check(it.timings());
        // The Manager makes previews by itself: this one would be kept for nothing.
        yield new WorkReport.Rendered(
            it.task(),
            it.lease(),
            it.attempt(),
            it.cell(),
            it.rendered(),
            it.delivery(),
            it.timings(),
            Optional.empty());
      }
      case WorkReport.Composed it -> {
        check(it);
        yield new WorkReport.Composed(
            it.task(), it.lease(), it.attempt(), it.files(), lines(it.warnings()));
      }
      case WorkReport.Failed it ->
          new WorkReport.Failed(
              it.task(),
              it.lease(),
              it.attempt(),
              it.cell(),
              it.failure(),
              Reason.oneLine(it.message(), LONGEST_SENTENCE),
              lines(it.lines()));
      case WorkReport.Returned it -> {
        require(
            it.cells().size() <= MOST_CELLS && it.cells().stream().noneMatch(Objects::isNull),
            "gives back %,d cells at once".formatted(it.cells().size()));
        yield it;
      }
      case WorkReport.Terminating it ->
          new WorkReport.Terminating(Reason.oneLine(it.reason(), LONGEST_SENTENCE), it.left());
    };
  }

  private static SceneFacts within(SceneFacts facts) throws ExcessException {
    require(
        facts.samples() <= TaskConfig.MOST_SAMPLES,
        "tells of a scene of %,d samples".formatted(facts.samples()));
    List<String> names =
        Stream.concat(
                facts.addedPasses().stream(), Stream.of(facts.engine(), facts.fileExtension()))
            .toList();
    require(
        names.size() <= MOST_FACTS
            && names.stream().allMatch(name -> name.length() <= LONGEST_SENTENCE),
        "tells endlessly of a scene");
    return new SceneFacts(
        facts.engine(),
        facts.blender(),
        facts.size(),
        facts.samples(),
        facts.adaptive(),
        sentences(facts.tileObstacles()),
        sentences(facts.sampleObstacles()),
        facts.patternDependsOnRange(),
        sentences(facts.warnings()),
        facts.addedPasses(),
        facts.fileExtension());
  }

  private static List<String> sentences(List<String> sentences) {
    return sentences.stream()
        .limit(MOST_FACTS)
        .map(sentence -> Reason.oneLine(sentence, LONGEST_SENTENCE))
        .toList();
  }

  private static void check(CellTimings timings) throws ExcessException {
    for (Duration one :
        List.of(timings.sync(), timings.render(), timings.save(), timings.readBack())) {
      require(
          !one.isNegative() && one.compareTo(LONGEST_STEP) <= 0,
          "says that a cell took %s".formatted(one));
    }
  }

  private static void check(DeliveryInfo delivery) throws ExcessException {
    require(
        delivery.size() >= 0
            && delivery.id().length() <= LONGEST_NAME
            && delivery.sha256().length() <= LONGEST_NAME,
        "announces a file of %,d bytes under an endless name".formatted(delivery.size()));
  }

  private static void check(WorkReport.Composed composed) throws ExcessException {
    require(
        composed.files().size() <= MOST_FILES,
        "announces %,d files of a picture; %,d are taken at most"
            .formatted(composed.files().size(), MOST_FILES));
    for (WorkReport.ComposedFile file : composed.files()) {
      require(
          file != null && file.contentType().length() <= LONGEST_NAME,
          "announces a file that is none");
      check(file.delivery());
      try {
        var _ = WirePaths.normalise("path", file.path());
      } catch (InvalidFieldException e) {
        throw new ExcessException("announces a file under a name that is none: " + Reason.of(e));
      }
    }
  }

  private static List<String> lines(List<String> lines) {
    return lines.stream()
        .filter(Objects::nonNull)
        .limit(MOST_LINES)
        .map(line -> Reason.oneLine(line, LONGEST_LINE))
        .toList();
  }

  private static void require(boolean holds, String otherwise) throws ExcessException {
    if (!holds) {
      throw new ExcessException(otherwise);
    }
  }
}
