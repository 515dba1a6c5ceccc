using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>Clusters, ownership, users, tokens, audit and keys.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000001_Initial")]
internal sealed class InitialMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Clusters);
        migrationBuilder.Sql(Ownership);
        migrationBuilder.Sql(Access);
        migrationBuilder.Sql(Audit);
    }

    private const string Clusters = """
        CREATE TABLE clusters (
            id varchar(63) CONSTRAINT pk_clusters PRIMARY KEY,
            name text NOT NULL,
            kind text NOT NULL CHECK (kind IN ('kafka', 'simulated')),
            bootstrap_servers text,
            settings jsonb NOT NULL,
            simulation jsonb,
            secrets bytea,
            kafka_cluster_id text,
            labels jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            version bigint NOT NULL
        );
        CREATE UNIQUE INDEX clusters_kafka_cluster_id_key ON clusters (kafka_cluster_id);
        """;

    // One sequence for all epochs: a cluster that is removed and added again under its old id must not
    // start at an epoch that a forgotten owner of the first one still carries.
    private const string Ownership = """
        CREATE SEQUENCE ownership_epoch AS bigint;

        CREATE TABLE cluster_ownership (
            cluster varchar(63) CONSTRAINT pk_cluster_ownership PRIMARY KEY
                REFERENCES clusters (id) ON DELETE CASCADE,
            owner uuid,
            epoch bigint NOT NULL,
            lease_until timestamptz,
            claimed_at timestamptz,
            CHECK ((owner IS NULL) = (lease_until IS NULL))
        );

        CREATE FUNCTION refuse_unsafe_ownership() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.epoch < OLD.epoch THEN
                RAISE EXCEPTION 'epoch of cluster % must not go back from % to %', OLD.cluster, OLD.epoch, NEW.epoch
                    USING ERRCODE = 'KC001';
            END IF;
            IF NEW.owner IS NOT NULL AND NEW.owner IS DISTINCT FROM OLD.owner THEN
                IF NEW.epoch = OLD.epoch THEN
                    RAISE EXCEPTION 'a new owner of cluster % needs a new epoch', OLD.cluster USING ERRCODE = 'KC001';
                END IF;
                IF OLD.owner IS NOT NULL AND OLD.lease_until > clock_timestamp() THEN
                    RAISE EXCEPTION 'cluster % is owned until %', OLD.cluster, OLD.lease_until USING ERRCODE = 'KC001';
                END IF;
            END IF;
            RETURN NEW;
        END $$;

        CREATE TRIGGER refuse_unsafe_ownership BEFORE UPDATE ON cluster_ownership
            FOR EACH ROW EXECUTE FUNCTION refuse_unsafe_ownership();

        CREATE TABLE processes (
            id uuid CONSTRAINT pk_processes PRIMARY KEY,
            name text NOT NULL,
            address text NOT NULL,
            version text NOT NULL,
            started_at timestamptz NOT NULL DEFAULT now(),
            last_seen timestamptz NOT NULL DEFAULT now()
        );
        """;

    private const string Access = """
        CREATE TABLE users (
            name varchar(100) CONSTRAINT pk_users PRIMARY KEY,
            password_hash text NOT NULL,
            role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
            must_change_password boolean NOT NULL,
            disabled boolean NOT NULL,
            failed_logins integer NOT NULL,
            locked_until timestamptz,
            last_login timestamptz,
            security_stamp uuid NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        );

        CREATE TABLE tokens (
            id uuid CONSTRAINT pk_tokens PRIMARY KEY,
            name text NOT NULL,
            hash bytea NOT NULL,
            prefix text NOT NULL,
            role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
            created_by text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz,
            last_used_at timestamptz,
            revoked_at timestamptz
        );
        CREATE UNIQUE INDEX tokens_hash_key ON tokens (hash);

        CREATE TABLE data_protection_keys (
            id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_data_protection_keys PRIMARY KEY,
            friendly_name text NOT NULL,
            xml text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE UNIQUE INDEX data_protection_keys_friendly_name_key ON data_protection_keys (friendly_name);

        CREATE TABLE master_key_checks (
            key_id text CONSTRAINT pk_master_key_checks PRIMARY KEY,
            sealed bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        """;

    // Only the retention job sets kcp.audit_retention, for its own transaction.
    private const string Audit = """
        CREATE TABLE audit (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_audit PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            actor text NOT NULL,
            actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'token', 'system')),
            source_address inet,
            cluster varchar(63),
            action text NOT NULL,
            target text NOT NULL,
            before jsonb,
            after jsonb,
            outcome text NOT NULL CHECK (outcome IN ('succeeded', 'refused', 'failed')),
            reason text,
            correlation_id text
        );
        CREATE INDEX audit_cluster_id_idx ON audit (cluster, id);
        CREATE INDEX audit_at_idx ON audit (at);

        CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND current_setting('kcp.audit_retention', true) = 'on' THEN
                RETURN NULL;
            END IF;
            RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'KC002';
        END $$;

        CREATE TRIGGER refuse_audit_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
        """;
}
