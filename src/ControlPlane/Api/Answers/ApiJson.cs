using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Contracts;

namespace ControlPlane.Api.Answers;

/// <summary>
/// The JSON of the API, source generated. Requests with defaults (clusters, connections, simulations) are left to reflection on purpose: generated
/// code passes over the initial values of init-only properties, so that a field left out would become null or false instead of its default.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.Strict,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SessionDto))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(ChangePasswordRequest))]
[JsonSerializable(typeof(Page<ClusterSummaryDto>))]
[JsonSerializable(typeof(IReadOnlyList<ClusterSummaryDto>))]
[JsonSerializable(typeof(ClusterDto))]
[JsonSerializable(typeof(ConnectionTestDto))]
[JsonSerializable(typeof(ClusterOverviewDto))]
[JsonSerializable(typeof(DemoActionRequest))]
[JsonSerializable(typeof(DemoActionDto))]
[JsonSerializable(typeof(Page<BrokerDto>))]
[JsonSerializable(typeof(BrokerDetailDto))]
[JsonSerializable(typeof(Page<HostedReplicaDto>))]
[JsonSerializable(typeof(Page<ConfigEntryDto>))]
[JsonSerializable(typeof(Page<TopicDto>))]
[JsonSerializable(typeof(TopicDetailDto))]
[JsonSerializable(typeof(Page<PartitionDto>))]
[JsonSerializable(typeof(Page<LogDirDto>))]
[JsonSerializable(typeof(Page<GroupDto>))]
[JsonSerializable(typeof(GroupDetailDto))]
[JsonSerializable(typeof(HistoryDto))]
[JsonSerializable(typeof(Page<AnomalyDto>))]
[JsonSerializable(typeof(AnomalyDetailDto))]
[JsonSerializable(typeof(ClusterEventsDto))]
[JsonSerializable(typeof(LiveEventDto))]
[JsonSerializable(typeof(PlanDto))]
[JsonSerializable(typeof(PlanDetailDto))]
[JsonSerializable(typeof(Page<PlanDto>))]
[JsonSerializable(typeof(Page<PlannedMoveDto>))]
[JsonSerializable(typeof(CreatePlanRequest))]
[JsonSerializable(typeof(ApprovePlanRequest))]
[JsonSerializable(typeof(DiscardPlanRequest))]
[JsonSerializable(typeof(ExecutionDto))]
[JsonSerializable(typeof(ExecutionDetailDto))]
[JsonSerializable(typeof(Page<ExecutionDto>))]
[JsonSerializable(typeof(Page<ExecutionMoveDto>))]
[JsonSerializable(typeof(ExecutionActionRequest))]
[JsonSerializable(typeof(CancelExecutionRequest))]
[JsonSerializable(typeof(ExecutionLimitsRequest))]
[JsonSerializable(typeof(HealingPolicyDto))]
[JsonSerializable(typeof(HealingPolicyRequest))]
[JsonSerializable(typeof(PauseHealingRequest))]
[JsonSerializable(typeof(HealingOverrideRequest))]
[JsonSerializable(typeof(HealingDecisionDto))]
[JsonSerializable(typeof(Page<HealingDecisionDto>))]
[JsonSerializable(typeof(IncidentDto))]
[JsonSerializable(typeof(AuditPageDto))]
[JsonSerializable(typeof(IReadOnlyList<UserDto>))]
[JsonSerializable(typeof(UserDto))]
[JsonSerializable(typeof(CreateUserRequest))]
[JsonSerializable(typeof(UpdateUserRequest))]
[JsonSerializable(typeof(OneTimePasswordDto))]
[JsonSerializable(typeof(IReadOnlyList<TokenDto>))]
[JsonSerializable(typeof(TokenDto))]
[JsonSerializable(typeof(CreateTokenRequest))]
[JsonSerializable(typeof(NewTokenDto))]
[JsonSerializable(typeof(IReadOnlyList<ProcessDto>))]
[JsonSerializable(typeof(IReadOnlyList<AlertTargetDto>))]
[JsonSerializable(typeof(AlertTargetDto))]
[JsonSerializable(typeof(Page<DeliveryDto>))]
[JsonSerializable(typeof(DeliveryDto))]
[JsonSerializable(typeof(DeliveryDetailDto))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(OptimizerRunDto))]
[JsonSerializable(typeof(Page<OptimizerRunDto>))]
[JsonSerializable(typeof(Page<MoveGroupDto>))]
[JsonSerializable(typeof(WhatIfRequest))]
[JsonSerializable(typeof(WhatIfDto))]
[JsonSerializable(typeof(RightsizingDto))]
[JsonSerializable(typeof(HeatmapDto))]
internal sealed partial class ApiJson : JsonSerializerContext;
