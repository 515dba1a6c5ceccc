using System.IO.Compression;
using System.Net;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Burrow;
using ControlPlane.Api.Forwarding;
using ControlPlane.Api.Live;
using ControlPlane.Api.Metrics;
using ControlPlane.Api.OpenApi;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Resources;
using ControlPlane.Clusters;
using ControlPlane.Ui.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api;

/// <summary>Composition of the API. Storage, clusters and the Ui are added by their own folders.</summary>
internal static class ApiServices
{
    public static IServiceCollection AddApi(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ApiOptions>().Bind(configuration.GetSection(ApiOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ApiMeter>();
        services.AddSingleton<MetricsReader>();
        AddWire(services);
        AddAccess(services);
        AddReading(services);
        services.AddApiDocument();
        services.AddBurrow(configuration);
        return services;
    }

    private static void AddWire(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            var own = ApiJson.Default.Options;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            options.SerializerOptions.UnmappedMemberHandling = own.UnmappedMemberHandling;
            options.SerializerOptions.RespectNullableAnnotations = own.RespectNullableAnnotations;
            options.SerializerOptions.RespectRequiredConstructorParameters = own.RespectRequiredConstructorParameters;
            options.SerializerOptions.NumberHandling = own.NumberHandling;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true); // so that one place explains all of them
        services.Configure<KestrelServerOptions>(options =>
        {
            options.Limits.MaxRequestBodySize = BadRequests.MaxBodyBytes;
            options.Limits.MaxRequestLineSize = 128 * 1024; // Kafka takes group ids of 32,767 bytes, and each byte may be escaped
            options.AddServerHeader = false;
        });
        services.AddExceptionHandler<ProblemHandler>();
        services.AddProblemDetails();
        services.AddResponseCompression(options => options.EnableForHttps = true);
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.AddSingleton<IConfigureOptions<ForwardedHeadersOptions>>(provider => new ConfigureOptions<ForwardedHeadersOptions>(options =>
        {
            var proxies = provider.GetRequiredService<IOptions<ApiOptions>>().Value.TrustedProxies;
            // To the framework empty lists mean that everybody is believed; here they mean nobody.
            options.ForwardedHeaders = proxies.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Clear();
            foreach (var proxy in proxies)
            {
                options.KnownProxies.Add(IPAddress.Parse(proxy));
            }
        }));
    }

    private static void AddAccess(IServiceCollection services)
    {
        services.AddSingleton<AccessCache>();
        services.AddSingleton<Tickets>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<Sessions>();
        services.AddScoped<IApiAccess, CircuitApiAccess>();
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, SessionCookie>();
        services.AddAuthentication(AccessSchemes.Any)
            .AddPolicyScheme(AccessSchemes.Any, null, options => options.ForwardDefaultSelector = AccessSchemes.Choose)
            .AddCookie(AccessSchemes.Cookie)
            .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>(AccessSchemes.Header, null);
        services.AddAuthorization(Policies.Add);
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "kcp_form";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = Microsoft.AspNetCore.Http.CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true; // SecurityHeaders says it for every answer
        });
    }

    private static void AddReading(IServiceCollection services)
    {
        services.AddSingleton<FleetDirectory>();
        services.AddSingleton<Pictures>();
        services.AddSingleton<Resources.Fleet>();
        services.AddSingleton<ConnectionTrial>();
        services.AddSingleton<AlertTargetRules>();
        services.AddSingleton<HealingChanges>();
        services.AddSingleton<HealingWishes>();
        services.AddSingleton<IncidentStores>();
        services.AddSingleton<IncidentReader>();
        services.AddSingleton<LiveSeats>();
        services.AddSingleton<LiveStream>();
        services.AddSingleton<PeerProcesses>();
        services.AddSingleton<PeerLive>();
        services.AddSingleton<PeerSummaries>();
        services.AddSingleton<Forwarder>();
        services.AddSingleton<IOffsetsPeers, OffsetsPeers>();
        services.AddHttpClient(Forwarder.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan).ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        });
    }
}
