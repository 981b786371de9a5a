package io.blendnet.manager;

import io.blendnet.domain.Absence;
import io.blendnet.domain.AgentName;
import io.blendnet.domain.AgentView;
import io.blendnet.domain.Effect;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ResourceInfo;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.security.Credentials;
import io.blendnet.security.Secret;
import io.blendnet.security.TrustedAuthority;
import io.blendnet.server.ApiException;
import io.blendnet.storage.spi.AgentRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.StoreChange;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agents that the farm has: added, taken out, shown; and the lines to them. Thread-safe. */
final class AgentDesk implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentDesk.class);

  /** How long after its wait an agent may take to answer a poll. */
  private static final Duration POLL_TIMEOUT = Duration.ofSeconds(5);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final FarmStore store;
  private final FarmLoop loop;
  private final FarmIdentity farm;
  private final TrustedAuthority authority;
  private final LeaseOrders orders;
  private final Deliveries deliveries;
  private final Map<AgentName, AgentLink> links = new ConcurrentHashMap<>();

  /** Agents by the process that answers for them. */
  private final Map<String, AgentName> processes = new ConcurrentHashMap<>();

  AgentDesk(
      FarmStore store,
      FarmLoop loop,
      FarmIdentity farm,
      TrustedAuthority authority,
      LeaseOrders orders,
      Deliveries deliveries) {
    this.store = store;
    this.loop = loop;
    this.farm = farm;
    this.authority = authority;
    this.orders = orders;
    this.deliveries = deliveries;
  }

  /** Opens lines to all agents that the store knows. */
  void connect() throws IOException {
    for (AgentRow row : store.agents()) {
      link(row);
    }
  }

  /** Adds an agent; repeating the same is a success. */
  void put(AgentName name, AgentConfig config) throws IOException {
    checkAuthority(config);
    boolean isNew =
        loop.call(turn -> {
          AgentRow row =
              new AgentRow(
                  name,
                  config.address(),
                  config.port(),
                  new Credentials(config.authUser(), Secret.of(config.authPassword())),
                  config.ca(),
                  turn.now(),
                  config.rented().orElse(false));
          Optional<AgentRow> known = store.agent(name);
          if (known.isPresent()) {
            requireSame(known.get(), row);
            return false;
          }
          turn.change(new StoreChange.PutAgent(row));
          return true;
        });
    if (isNew) {
      store.agent(name).ifPresent(this::link);
    }
  }

  private static void checkAuthority(AgentConfig config) {
    config
        .ca()
        .ifPresent(pem -> {
          try {
            var _ = TrustedAuthority.ofPem(pem);
          } catch (IOException e) {
            throw new ApiException(ErrorCode.INVALID_FIELD, "'ca': " + Reason.of(e));
          }
        });
  }

  private static void requireSame(AgentRow known, AgentRow row) {
    boolean same =
        known.address().equals(row.address())
            && known.port() == row.port()
            && known.credentials().equals(row.credentials())
            && known.authority().equals(row.authority())
            && known.rented() == row.rented();
    if (!same) {
      throw new ApiException(
          ErrorCode.CONFLICT,
          "There is an agent '%s' with other settings, at %s:%d; remove it first, or take another name"
              .formatted(known.name(), known.address(), known.port()));
    }
  }

  /** Takes an agent out; what it had leased is open again. */
  void remove(AgentName name) throws IOException {
    AgentLink link = existing(name);
    remove(link, "taken out by the user");
  }

  private void remove(AgentLink link, String reason) throws IOException {
    AgentName name = link.row().name();
    loop.apply(turn -> {
      turn.change(new StoreChange.DeleteAgent(name));
      turn.decide(new FarmEvent.AgentAway(name, Absence.REMOVED, reason));
      // Before it can join again; where this cannot be stored it stays.
      turn.after(() -> {
        link.letGo();
        links.remove(name, link);
      });
    });
    link.dismiss();
  }

  /** Has a rented agent end, with its machine, and takes it out. */
  void giveBack(AgentName name, String reason) {
    Thread.ofVirtual().name("give-back-" + name).start(() -> giveBackNow(name, reason));
  }

  /** A machine costs until it is given back: this is tried until it is, or is taken out. */
  private void giveBackNow(AgentName name, String reason) {
    LOG.info("Agent {} is given back: {}", name, reason);
    try {
      boolean isAsked = false;
      Optional<AgentLink> link = link(name);
      for (Duration pause = FIRST_PAUSE; link.isPresent(); pause = longer(pause)) {
        try {
          if (!isAsked) {
            link.get().client().end();
            isAsked = true;
          }
          remove(link.get(), "given back: " + reason);
        } catch (IOException e) {
          LOG.warn("Agent {} could not be given back yet: {}", name, Reason.of(e));
          Thread.sleep(pause);
        }
        link = link(name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration longer(Duration pause) {
    return Collections.min(List.of(pause.multipliedBy(2), LONGEST_PAUSE));
  }

  /** An agent's log, asked from the agent. */
  Map<String, String> log(AgentName name) throws InterruptedException {
    AgentLink link = existing(name);
    try {
      return link.client().log();
    } catch (FarmException e) {
      throw new ApiException(
          ErrorCode.UNAVAILABLE, "Agent '%s' cannot be asked: %s".formatted(name, Reason.of(e)));
    }
  }

  private AgentLink existing(AgentName name) {
    AgentLink link = links.get(name);
    if (link == null) {
      throw new ApiException(ErrorCode.AGENT_NOT_FOUND, "There is no agent '%s'".formatted(name));
    }
    return link;
  }

  private void link(AgentRow row) {
    TrustedAuthority trusted = row.authority().map(AgentDesk::authority).orElse(authority);
    ClientOptions options =
        ClientOptions.of(
            new ServerAddress(row.address(), row.port()),
            trusted.clientContext(),
            row.credentials().user(),
            () -> row.credentials().password().reveal());
    AgentClient client = new AgentClient(options, farm.manager());
    // The poll is what notices that an agent is gone; its retries are the link's own.
    AgentClient poll =
        new AgentClient(
            options.withTimeouts(ClientOptions.CONNECT_TIMEOUT, POLL_TIMEOUT).withAttempts(1),
            farm.manager());
    AgentLink link = new AgentLink(row, client, poll, loop, processes, orders, deliveries);
    if (links.putIfAbsent(row.name(), link) == null) {
      link.start();
    }
  }

  private static TrustedAuthority authority(String pem) {
    try {
      return TrustedAuthority.ofPem(pem);
    } catch (IOException e) {
      throw new IllegalStateException("The store holds a certificate that is none", e);
    }
  }

  void send(Lease lease) {
    AgentLink link = links.get(lease.agent());
    if (link != null) {
      link.send(lease);
    } else {
      String reason = "the Manager has no line to it";
      loop.tell(
          turn -> turn.decide(new FarmEvent.AgentAway(lease.agent(), Absence.REMOVED, reason)));
    }
  }

  void cancel(AgentName agent, LeaseId lease, int attempt) {
    link(agent).ifPresent(link -> link.cancel(lease, attempt));
  }

  void steal(Effect.Steal steal) {
    link(steal.agent()).ifPresent(link -> link.steal(steal));
  }

  void forget(AgentName agent, LeaseId lease) {
    link(agent).ifPresent(link -> link.forget(lease));
  }

  private Optional<AgentLink> link(AgentName agent) {
    return Optional.ofNullable(links.get(agent));
  }

  /** Each agent's part in a task that is active. */
  List<TaskProgress.AgentShare> shares(TaskName task) {
    return loop.snapshot().agents().values().stream()
        .filter(view -> view.task().equals(Optional.of(task)))
        .sorted((one, other) -> one.name().compareTo(other.name()))
        .map(this::share)
        .toList();
  }

  private TaskProgress.AgentShare share(AgentView view) {
    AgentLink link = links.get(view.name());
    return new TaskProgress.AgentShare(
        view.name().value(), view.share(), view.cellsStored(), link == null ? "" : link.activity());
  }

  /** All agents as {@code GET resources} shows them. */
  Map<String, ResourceInfo.AgentMachine> machines() {
    Map<String, ResourceInfo.AgentMachine> machines = new TreeMap<>();
    for (AgentLink link : links.values()) {
      AgentRow row = link.row();
      Optional<String> error =
          link.error()
              .or(() ->
                  Optional.ofNullable(loop.snapshot().agents().get(row.name()))
                      .flatMap(AgentView::setAside)
                      .map("set aside: "::concat));
      boolean active = error.isEmpty();
      machines.put(
          row.name().value(),
          new ResourceInfo.AgentMachine(
              row.name().value(),
              active,
              Optional.of(row.name().value()),
              Optional.of(row.address()),
              Optional.of(row.address()),
              Optional.empty(),
              active,
              !active,
              Optional.of(row.created().toString()),
              error));
    }
    return machines;
  }

  @Override
  public void close() {
    links.values().forEach(AgentLink::close);
    links.clear();
    LOG.debug("Let go of all agents");
  }
}
