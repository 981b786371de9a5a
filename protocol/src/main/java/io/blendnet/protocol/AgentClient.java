package io.blendnet.protocol;

import io.blendnet.domain.LeaseId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Calls that an agent answers: the work protocol beside API v1. Thread-safe. */
public final class AgentClient extends FarmClient {
  /** Longest wait for reports. */
  public static final Duration REPORT_WAIT_LIMIT = Duration.ofSeconds(60);

  /**
   * Longest answer that is taken in, in bytes. Agents answer with pages of some MB, and a Manager
   * holds one of each agent's.
   */
  static final long ANSWER_LIMIT = 32L << 20;

  /**
   * @param manager on whose behalf; told with every call
   */
  public AgentClient(ClientOptions options, ManagerIdentity manager) {
    super(options, Map.of(ManagerIdentity.HEADER, manager.header()), ANSWER_LIMIT);
  }

  /**
   * Takes the agent over for the Manager. Every other call of the work protocol is refused before
   * with {@link ErrorCode#NOT_ATTACHED}, and with {@link ErrorCode#OTHER_FARM} or {@link
   * ErrorCode#STALE_EPOCH} once another Manager has taken it over. The agent drops nothing.
   *
   * @throws FarmException.Refused among others with {@link ErrorCode#OTHER_FARM} and {@link
   *     ErrorCode#STALE_EPOCH}
   */
  public AttachedAgent attach() throws FarmException, InterruptedException {
    return connection.ask("work/attach", AttachedAgent.class);
  }

  /**
   * Orders a lease; repeating the same is a success.
   *
   * @throws FarmException.Refused among others with {@link ErrorCode#BLOBS_MISSING} and {@link
   *     BlobsMissing} as data
   */
  public void putLease(LeaseOrder order) throws FarmException, InterruptedException {
    connection.put("work/lease/" + order.lease(), order);
  }

  /** Cancels a lease: no further step begins, undelivered results are dropped. */
  public void cancelLease(LeaseId lease, int attempt) throws FarmException, InterruptedException {
    connection.delete("work/lease/" + lease.value() + "?attempt=" + attempt);
  }

  /**
   * Asks for cells back that the agent has not begun; repeating it answers the same.
   *
   * @param cells numbers within the lease
   * @return those that the agent never will begin now
   * @throws FarmException.Refused among others with {@link ErrorCode#LEASE_NOT_FOUND}
   */
  public Set<Integer> steal(LeaseId lease, int attempt, Collection<Integer> cells)
      throws FarmException, InterruptedException {
    StolenCells stolen =
        connection.ask(
            "work/lease/" + lease.value() + "/steal",
            new StealOrder(attempt, List.copyOf(cells)),
            StolenCells.class);
    return Set.copyOf(stolen.cells());
  }

  /**
   * Tells the agent to end in order, and with it its machine where its configuration says how. It
   * goes on for a while, to deliver what is done.
   */
  public void end() throws FarmException, InterruptedException {
    connection.post("work/end");
  }

  /**
   * Reports after a number; waits when there are none yet.
   *
   * @param after number of the last report that was taken, 0 for all
   * @param wait at most {@link #REPORT_WAIT_LIMIT}, whole seconds
   */
  public ReportPage reports(long after, Duration wait) throws FarmException, InterruptedException {
    long seconds = Math.min(wait.toSeconds(), REPORT_WAIT_LIMIT.toSeconds());
    return connection.longPoll(
        "work/report?after=" + after + "&wait_seconds=" + seconds,
        Duration.ofSeconds(seconds),
        ReportPage.class);
  }

  /**
   * Fetches a delivery: into {@code NAME.part} beside the target, verified, then renamed.
   *
   * @throws FarmException the agent is out of reach or refuses, or what came is not what it has
   * @throws IOException the file cannot be written
   */
  public void fetchDelivery(
      WorkReport.DeliveryInfo delivery, Path target, TransferProgress progress)
      throws IOException, InterruptedException {
    connection.download(deliveryPath(delivery.id()), target, delivery, progress);
  }

  /** Gives a delivery up, once it is stored. One that is gone already is a success. */
  public void deleteDelivery(String id) throws FarmException, InterruptedException {
    try {
      connection.delete(deliveryPath(id));
    } catch (FarmException.Refused e) {
      if (!e.is(ErrorCode.DELIVERY_NOT_FOUND)) {
        throw e;
      }
    }
  }

  private static String deliveryPath(String id) {
    return "work/delivery/" + WirePaths.encodePart(id);
  }
}
