package io.blendnet.agent;

import io.blendnet.blender.Sandbox;
import io.blendnet.blender.SandboxSearch;
import io.blendnet.blender.SessionException;
import io.blendnet.blender.SessionFailure;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.ServerInfo;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What scenes may do on this computer, by its owner's word and by what the computer has. */
final class SceneRules {
  private static final Logger LOG = LoggerFactory.getLogger(SceneRules.class);

  private final ScenePolicy policy;
  private volatile SandboxSearch search;

  private SceneRules(ScenePolicy policy, SandboxSearch search) {
    this.policy = policy;
    this.search = search;
  }

  /**
   * Says in the log what holds.
   *
   * @param found what a search for a sandbox has found
   * @throws NoSandboxException none was, and the owner demands one
   */
  static SceneRules of(ScenePolicy policy, SandboxSearch found) throws NoSandboxException {
    SandboxSearch search =
        policy.sandbox() == ScenePolicy.SandboxUse.OFF
            ? new SandboxSearch.Missing("This agent's owner has switched it off.")
            : found;
    if (search instanceof SandboxSearch.Missing missing
        && policy.sandbox() == ScenePolicy.SandboxUse.REQUIRED) {
      throw new NoSandboxException(
          "There is no sandbox for Blender, and 'scene-sandbox' demands one: " + missing.reason());
    }
    SceneRules rules = new SceneRules(policy, search);
    rules.tell();
    return rules;
  }

  private void tell() {
    switch (search) {
      case SandboxSearch.Found found ->
          LOG.info(
              "Blender runs in a sandbox: {}; {} network; trusted scripts {}",
              found.sandbox().description(),
              policy.network() ? "with" : "without",
              runTrustedScripts() ? "run in it" : "are refused");
      case SandboxSearch.Missing missing ->
          LOG.warn(
              "Blender runs without a sandbox: {} Trusted scripts {}",
              missing.reason(),
              runTrustedScripts() ? "run as this user" : "are refused");
    }
  }

  ScenePolicy policy() {
    return policy;
  }

  /** The sandbox for the next Blender. */
  Optional<Sandbox> sandbox() {
    return search instanceof SandboxSearch.Found found
        ? Optional.of(found.sandbox())
        : Optional.empty();
  }

  /** Whether the agent may do without a sandbox. */
  boolean allowNoSandbox() {
    return policy.sandbox() != ScenePolicy.SandboxUse.REQUIRED;
  }

  /** The sandbox is of no use here; from now on there is none. */
  void giveUpSandbox(String reason) {
    search = new SandboxSearch.Missing(reason);
    tell();
  }

  private boolean runTrustedScripts() {
    return switch (policy.scripts()) {
      case SANDBOXED -> sandbox().isPresent();
      case REFUSED -> false;
      case UNCONFINED -> true;
    };
  }

  /**
   * Refuses a scene whose scripts may not run.
   *
   * @param confined whether the Blender that is to open it is in a sandbox
   */
  void check(SceneOrder order, boolean confined) throws SessionException {
    if (!order.trustScripts()) {
      return;
    }
    switch (policy.scripts()) {
      case REFUSED ->
          throw SessionException.of(
              SessionFailure.REFUSED,
              "The scene's scripts may not run here: this agent's owner refuses all scripts"
                  + " (scene-scripts = refused).");
      case SANDBOXED -> {
        if (!confined) {
          throw SessionException.of(
              SessionFailure.REFUSED,
              "The scene's scripts may not run here: this agent runs scripts in a sandbox alone,"
                  + " and has none. "
                  + whyNone()
                  + " Its owner can allow them all the same (scene-scripts = unconfined).");
        }
      }
      case UNCONFINED -> {}
    }
  }

  private String whyNone() {
    return switch (search) {
      case SandboxSearch.Missing missing -> missing.reason();
      case SandboxSearch.Found _ -> "";
    };
  }

  /** For {@code GET info}. */
  ServerInfo.SceneInfo info() {
    return switch (search) {
      case SandboxSearch.Found found ->
          new ServerInfo.SceneInfo(
              true, found.sandbox().description(), runTrustedScripts(), policy.network());
      case SandboxSearch.Missing missing ->
          new ServerInfo.SceneInfo(false, missing.reason(), runTrustedScripts(), true);
    };
  }
}
