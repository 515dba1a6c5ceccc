using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>What people said about a cluster; the rest of a summary is observed.</summary>
internal sealed record ClusterHead(ClusterId Id, string DisplayName, ClusterKind Kind, IReadOnlyDictionary<string, string> Labels, string? KafkaClusterId);
