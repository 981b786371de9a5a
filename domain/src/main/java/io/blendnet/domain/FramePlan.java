package io.blendnet.domain;

/** What was found out about a frame's scene, and how the frame is therefore cut. */
public record FramePlan(FrameCut cut, SceneFacts facts) {}
