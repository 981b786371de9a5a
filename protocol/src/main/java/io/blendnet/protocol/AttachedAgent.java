package io.blendnet.protocol;

import io.blendnet.domain.BlenderVersion;
import java.util.Optional;

/**
 * An agent's answer to {@link AttachOrder}.
 *
 * @param boot changes with every start of the agent
 * @param cores CPU cores that it renders with, at least 1
 * @param blender the Blender that it has
 * @param lastReport number of its newest report; reading goes on behind it
 */
public record AttachedAgent(
    String boot, int cores, Optional<BlenderVersion> blender, long lastReport) {}
