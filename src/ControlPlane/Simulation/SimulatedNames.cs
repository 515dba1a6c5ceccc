using System.Globalization;

namespace ControlPlane.Simulation;

/// <summary>Names as sites give them, so that a demo reads like a real cluster.</summary>
internal static class SimulatedNames
{
    private static readonly string[] Domains =
    [
        "orders", "payments", "customers", "inventory", "shipments", "carts", "catalog", "pricing", "invoices", "refunds",
        "sessions", "clicks", "searches", "recommendations", "notifications", "devices", "telemetry", "fraud", "ledger", "accounts",
        "subscriptions", "deliveries", "warehouses", "returns", "reviews", "campaigns", "coupons", "audit", "identity", "support",
    ];

    private static readonly string[] Events =
    [
        "created", "updated", "events", "completed", "cancelled", "changelog", "failed", "enriched", "snapshots", "commands",
        "requested", "approved", "archived", "retries", "scored",
    ];

    private static readonly string[] Services =
    [
        "checkout-service", "billing-worker", "fraud-detector", "search-indexer", "email-sender", "warehouse-sync", "analytics-export",
        "recommendation-trainer", "inventory-projector", "audit-archiver", "customer-360", "shipment-tracker", "price-calculator",
        "session-aggregator", "ledger-writer", "connect-s3-sink", "connect-elastic-sink", "push-gateway", "loyalty-engine", "metrics-rollup",
    ];

    public static string Topic(int index)
    {
        // Walks over domains first, so that a small cluster has many domains and not fifteen kinds of orders.
        var domain = Domains[index % Domains.Length];
        var rest = index / Domains.Length;
        var name = $"{domain}.{Events[(rest + index) % Events.Length]}";
        var round = rest / Events.Length;
        return round == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}.v{round + 1}");
    }

    public static string Group(int index)
    {
        var name = Services[index % Services.Length];
        var round = index / Services.Length;
        return round == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{round + 1}");
    }

    public static string Host(int broker) => string.Create(CultureInfo.InvariantCulture, $"broker-{broker}.demo");

    public static string Rack(int index) => index < 26 ? $"rack-{(char)('a' + index)}" : string.Create(CultureInfo.InvariantCulture, $"rack-{index + 1}");

    public static string LogDir(int index) => string.Create(CultureInfo.InvariantCulture, $"/var/lib/kafka/data-{index + 1}");
}
